// Written by scripts/coefficients: polynomials in double, from the constant term up.

// expm1(r)/r, |r| <= log(2)/2: relative error below 2^-37.
static const double expm1_coefficients[] = {
  0x1.fffffffff61fdp-1,
  0x1.fffffffffe069p-2,
  0x1.5555557e7125ep-3,
  0x1.55555565c559fp-5,
  0x1.1110a6222ea35p-7,
  0x1.6c166be75a859p-10,
  0x1.a17df2ec2bc60p-13,
  0x1.a136b06babd51p-16,
};

// 2 atanh(s)/s in s^2, |s| <= 0.1716: relative error below 2^-45.
static const double log_coefficients[] = {
  0x1.fffffffffff12p+0,
  0x1.555555567148cp-1,
  0x1.9999962c06032p-2,
  0x1.2494381ee5869p-2,
  0x1.c620ee6e2b4a3p-3,
  0x1.9192e478c4308p-3,
};

// sin(r)/r in r^2, |r| <= pi/4: relative error below 2^-37.
static const double sin_coefficients[] = {
  0x1.fffffffff67c3p-1,
  -0x1.55555549480f4p-3,
  0x1.1111074b326d2p-7,
  -0x1.a00ee7e5cea35p-13,
  0x1.6cb7496931eebp-19,
};

// cos(r) in r^2, |r| <= pi/4: relative error below 2^-43.
static const double cos_coefficients[] = {
  0x1.ffffffffffe0bp-1,
  -0x1.ffffffffe3763p-2,
  0x1.5555554476425p-5,
  -0x1.6c16b2d3e61f5p-10,
  0x1.a00e9685da9c4p-16,
  -0x1.23c5c15441a00p-22,
};

// atan(t)/t in t^2, |t| <= tan(pi/8): relative error below 2^-40.
static const double atan_coefficients[] = {
  0x1.fffffffffe56dp-1,
  -0x1.5555554ba45bcp-2,
  0x1.99999046d1e86p-3,
  -0x1.24909144ba082p-3,
  0x1.c6cc2f2f6f999p-4,
  -0x1.7055c066509b3p-4,
  0x1.1da9c35cc3322p-4,
  -0x1.34787b1b4ac83p-5,
};

// asin(t)/t in t^2, |t| <= 1/2: relative error below 2^-39.
static const double asin_coefficients[] = {
  0x1.0000000000e83p+0,
  0x1.55555542fd475p-3,
  0x1.33334261d9e87p-4,
  0x1.6db20cadb1f43p-5,
  0x1.f288c804351cep-6,
  0x1.6615a0ec8d425p-6,
  0x1.52d7c5f5c757bp-6,
  0x1.f62a804832ccdp-10,
  0x1.0dfd15eca3951p-5,
};

// -log(erfc(a))/a, 0 <= a <= 4: relative error below 2^-38.
static const double erf_coefficients[] = {
  0x1.20dd75042e3a4p+0,
  0x1.45f306d6e27a2p-1,
  0x1.a4f4e782ae81cp-4,
  -0x1.39675a944059dp-6,
  -0x1.b44b1e25668ddp-13,
  0x1.bb918611dd11ep-10,
  -0x1.30372a06f9a12p-11,
  0x1.3398217742672p-17,
  0x1.653dca97f2e25p-14,
  -0x1.99bc506fb0b66p-15,
  0x1.182cb1d09a8acp-16,
  -0x1.0cff612cf1e82p-18,
  0x1.7353715832a44p-21,
  -0x1.657ef45b1d52ep-24,
  0x1.b4e08d9333c62p-28,
  -0x1.f2ff53a92a5efp-33,
  -0x1.0584bfdc806cfp-38,
  0x1.fedb13f7fd74dp-42,
};
