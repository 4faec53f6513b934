# A fit of a table of 20 rows, from start values that are near.
set datafile separator ","
set fit quiet logfile "/dev/null"
f(x) = a*exp(-b*x) + c
a = 1; b = 1; c = 0.1
fit f(x) "small.csv" skip 1 using 1:2 via a, b, c
print a, b, c
