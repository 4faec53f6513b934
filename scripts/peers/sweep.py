"""sweep.py enqueue|grid|sklearn RATES SEEDS: trains the lesson once for each learning rate and seed, finds the best.

A hundred epochs of y = w*x by single rows. Optuna's objective is plain Python, in which so small a run is faster than
in numpy or PyTorch, so that what it takes is mostly Optuna's own. Its GridSampler compares all runs with each other
again and again: it does a tenth of the runs and its time is multiplied, which flatters it, since 1,000 runs took eight
minutes. It is far faster to enqueue the same runs. Printed is what the runs took, without imports.
"""
import sys
import warnings

from common import report

kind, rates, seeds = sys.argv[1], [float(word) for word in sys.argv[2].split(",")], list(range(int(sys.argv[3])))
ROWS = [(1.0, 2.0), (2.0, 4.0), (3.0, 6.0)]
EPOCHS = 100


def train(rate):
    w = 1.0
    for _ in range(EPOCHS):
        for x, y in ROWS:
            error = w * x - y
            w -= rate * 2 * error * x
    return error * error


def search_by_optuna(seeds):
    runs = [{"lr": rate, "seed": seed} for rate in rates for seed in seeds]

    def objective(trial):
        trial.suggest_int("seed", min(seeds), max(seeds))
        return train(trial.suggest_float("lr", min(rates), max(rates)))

    if kind == "grid":
        study = optuna.create_study(sampler=optuna.samplers.GridSampler({"lr": rates, "seed": seeds}, seed=0))
    else:
        study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
        for run in runs:
            study.enqueue_trial(run)
    study.optimize(objective, n_trials=len(runs))
    assert len({tuple(trial.params.items()) for trial in study.trials}) == len(runs)
    return study.best_params


def search_by_scikit_learn():
    x, y = (np.array(values) for values in zip(*ROWS))
    everything = np.arange(len(ROWS))
    model = SGDRegressor(
        max_iter=EPOCHS, tol=None, penalty=None, learning_rate="constant", shuffle=False, fit_intercept=False
    )
    grid = {"eta0": rates, "random_state": seeds}
    search = GridSearchCV(model, grid, scoring="neg_mean_squared_error", cv=[(everything, everything)])
    return search.fit(x[:, None], y).best_params_


if kind == "sklearn":
    import numpy as np
    from sklearn.linear_model import SGDRegressor
    from sklearn.model_selection import GridSearchCV

    warnings.filterwarnings("ignore")
    report(search_by_scikit_learn, 0, least=1)
else:
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    share = 10 if kind == "grid" else 1
    report(lambda: search_by_optuna(seeds[:: share]), 0, share, least=1)
