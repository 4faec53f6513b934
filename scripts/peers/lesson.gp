# The lesson's curve, from its formula: the time of the drawing alone.
set terminal pngcairo size 1280,960
set output "gnuplot.png"
set xlabel "epoch"
set ylabel "Loss"
set samples 100
plot [0:99] 7.3 * 0.5467**x with lines notitle
