#include "ck_math.h"

#include <math.h>

double ck_exp(double x) { return exp(x); }
double ck_erf(double x) { return erf(x); }
double ck_tanh(double x) { return tanh(x); }
