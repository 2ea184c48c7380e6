// Functions of the C library, for modules that import none.
#pragma once

double ck_exp(double x);
double ck_erf(double x);
double ck_tanh(double x);
