# million.csv as SVG.
set terminal svg size 640,480
set output "gnuplot.svg"
set datafile separator ","
plot "million.csv" using 1:2 every ::1 with lines notitle
