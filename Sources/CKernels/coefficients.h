// Written by scripts/coefficients: polynomials in double, from the constant term up.

// exp(r), |r| <= log(2)/2: relative error below 2^-51.
static const double exp_coefficients[] = {
  0x1.0000000000000p+0,
  0x1.000000000001ep+0,
  0x1.0000000000005p-1,
  0x1.555555554b757p-3,
  0x1.55555555520afp-5,
  0x1.1111112dd67c5p-7,
  0x1.6c16c17f43a58p-10,
  0x1.a01978c6baf81p-13,
  0x1.a019a66a75dd4p-16,
  0x1.72faf024b693bp-19,
  0x1.28a2c0a7209fbp-22,
};

// expm1(r)/r, |r| <= log(2)/2: relative error below 2^-55.
static const double expm1_coefficients[] = {
  0x1.0000000000000p+0,
  0x1.0000000000005p-1,
  0x1.5555555555557p-3,
  0x1.55555555520afp-5,
  0x1.11111111100dfp-7,
  0x1.6c16c17f43a58p-10,
  0x1.a01a01abe62ddp-13,
  0x1.a019a66a75dd4p-16,
  0x1.71de02375656cp-19,
  0x1.28a2c0a7209fbp-22,
  0x1.af4ddd84882fep-26,
};

// ((cos(r) - 1)/r^2 + 1/2)/r^2 in r^2, |r| <= pi/4: relative error below 2^-44.
static const double cos_coefficients[] = {
  0x1.5555555555437p-5,
  -0x1.6c16c16b614fcp-10,
  0x1.a019ff53a6a1cp-16,
  -0x1.27e25f4bb4e6fp-22,
  0x1.1c81c3531fff2p-29,
};

// atan(t)/t in t^2, |t| <= tan(pi/8): relative error below 2^-49.
static const double atan_coefficients[] = {
  0x1.ffffffffffff7p-1,
  -0x1.5555555550697p-2,
  0x1.999999922cffap-3,
  -0x1.249246f68f241p-3,
  0x1.c71bcaa82de12p-4,
  -0x1.744ea12fe95dbp-4,
  0x1.3a4ed9d1662d7p-4,
  -0x1.0a7c2d0b92b5ep-4,
  0x1.9ba0e636ba92ep-5,
  -0x1.9ec902f46e221p-6,
};

// asin(t)/t in t^2, |t| <= 1/2: relative error below 2^-47.
static const double asin_coefficients[] = {
  0x1.000000000000ep+0,
  0x1.555555553a610p-3,
  0x1.33333354bc760p-4,
  0x1.6db6cb38d4b4bp-5,
  0x1.f1cb1bb1bd8fbp-6,
  0x1.6e427ba0e0592p-6,
  0x1.1f8a3aaac973dp-6,
  0x1.9b40462754959p-7,
  0x1.25abfcc6d7da8p-6,
  -0x1.df0360c9eff2ep-8,
  0x1.020e5719c5813p-5,
};

// (expm1(r) - r)/r^2, |r| <= log(2)/2: relative error below 2^-57.
static const double exp_rest_coefficients[] = {
  0x1.0000000000000p-1,
  0x1.5555555555557p-3,
  0x1.5555555555556p-5,
  0x1.11111111100dfp-7,
  0x1.6c16c16c162d6p-10,
  0x1.a01a01abe62ddp-13,
  0x1.a01a01a6d7808p-16,
  0x1.71de02375656cp-19,
  0x1.27e4db67b4303p-22,
  0x1.af4ddd84882fep-26,
  0x1.1f72fc730b4ffp-29,
};

// (2 atanh(s)/s - 2)/s^2 in s^2, |s| <= 0.1716: relative error below 2^-50.
static const double log_rest_coefficients[] = {
  0x1.5555555555558p-1,
  0x1.99999999952e2p-2,
  0x1.2492492df148dp-2,
  0x1.c71c62e5800a1p-3,
  0x1.7462b4ab2ef6bp-3,
  0x1.39fe606542ddep-3,
  0x1.2b584aae78a57p-3,
};

// (sin(r)/r - 1)/r^2 in r^2, |r| <= pi/4: relative error below 2^-52.
static const double sin_rest_coefficients[] = {
  -0x1.5555555555555p-3,
  0x1.1111111110bb2p-7,
  -0x1.a01a019e83aaep-13,
  0x1.71de37968a100p-19,
  -0x1.ae600b02b6262p-26,
  0x1.5e0b19f8b1451p-33,
};

// ((cos(r) - 1)/r^2 + 1/2)/r^2 in r^2, |r| <= pi/4: relative error below 2^-53.
static const double cos_rest_coefficients[] = {
  0x1.5555555555555p-5,
  -0x1.6c16c16c16967p-10,
  0x1.a01a019f4eb01p-16,
  -0x1.27e4fa17da09ep-22,
  0x1.1eeb68e93b64cp-29,
  -0x1.907da367a37cbp-37,
};

// -log(erfc(a))/a, 0 <= a <= 4: relative error below 2^-47.
static const double erf_coefficients[] = {
  0x1.20dd750429b55p+0,
  0x1.45f306dc9f632p-1,
  0x1.a4f4e29e0419ap-4,
  -0x1.3966849d3921ep-6,
  -0x1.b6bae8b80e6fep-13,
  0x1.bca99144acb93p-10,
  -0x1.357d0b7cb835cp-11,
  0x1.ba635faf6a74ap-16,
  0x1.0a3db84058817p-14,
  -0x1.d78a1848767dcp-16,
  0x1.733493ff29bbap-20,
  0x1.459ce20c67c5cp-18,
  -0x1.c2b8557a756f5p-19,
  0x1.7404726464b84p-20,
  -0x1.bf70a3e2c15f2p-22,
  0x1.9c7f82448fe11p-24,
  -0x1.263ed87285643p-26,
  0x1.40f550990a0bcp-29,
  -0x1.038549c2aaeeap-32,
  0x1.25977cc8d7bcbp-36,
  -0x1.9f06dee1a5408p-41,
  0x1.13ed1ebed02c8p-46,
};

// 2/pi, 64 bits each: 0 before the point, then what follows it.
static const uint64_t two_over_pi[] = {
  0x0000000000000000,
  0xa2f9836e4e441529,
  0xfc2757d1f534ddc0,
  0xdb6295993c439041,
  0xfe5163abdebbc561,
  0xb7246e3a424dd2e0,
  0x06492eea09d1921c,
  0xfe1deb1cb129a73e,
  0xe88235f52ebb4484,
  0xe99c7026b45f7e41,
  0x3991d639835339f4,
  0x9c845f8bbdf9283b,
  0x1ff897ffde05980f,
  0xef2f118b5a0a6d1f,
  0x6d367ecf27cb09b7,
  0x4f463f669e5fea2d,
  0x7527bac7ebe5f17b,
  0x3d0739f78a5292ea,
  0x6bfb5fb11f8d5d08,
  0x56033046fc7b6bab,
  0xf0cfbc209af4361d,
};
