"""Repeats a piece of work for so many seconds and prints as JSON what each time took."""
import json
import os
import time


def one_thread_of_xla(threads):
    """XLA takes all cores that it sees; before it is imported, this is how it is given one."""
    if threads == 1:
        os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})


def report(work, seconds, share=1, least=3, warms_up=True):
    """Of work too slow to be done in full, `share` says how many times as much the whole is."""
    if warms_up:
        work()
    times = []
    start = time.perf_counter()
    while time.perf_counter() - start < seconds or len(times) < least:
        begin = time.perf_counter()
        work()
        times.append(share * (time.perf_counter() - begin))
    print(json.dumps({"seconds": times, "share": share}))
