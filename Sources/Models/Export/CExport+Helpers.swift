extension CExport {
  /// Functions that the file has where it uses them; `real` stands for the precision.
  static let helpers: [(name: String, text: String)] = [
    (
      "find_level",
      """
      static int find_level(const char *text, const char *const levels[], int count) {
        for (int i = 0; text != NULL && i < count; i++) {
          if (strcmp(text, levels[i]) == 0) return i;
        }
        return -1;
      }
      """
    ),
    (
      "multiply_add",
      """
      static real multiply_add(real a, real b, real sum) {
        return fma(a, b, sum);
      }
      """
    ),
    (
      "reciprocal_root",
      "static real reciprocal_root(real x) { return 1 / (real)sqrt((double)x); }"
    ),
    (
      "sigmoid", "static real sigmoid(real x) { return (real)(1 / (1 + exp(-(double)x))); }"
    ),
    ("relu", "static real relu(real x) { return x <= 0 ? 0 : x; }"),
    ("sign", "static real sign(real x) { return (real)((x > 0) - (x < 0)); }"),
    ("larger", "static real larger(real x, real y) { return x > y || x != x ? x : y; }"),
    ("smaller", "static real smaller(real x, real y) { return x < y || x != x ? x : y; }"),
    (
      "index_of_largest",
      """
      static real index_of_largest(const real *x, int count) {
        int largest = 0;
        for (int i = 1; i < count; i++) {
          if (x[i] > x[largest] || (x[i] != x[i] && x[largest] == x[largest])) largest = i;
        }
        return (real)largest;
      }
      """
    ),
    (
      "element",
      """
      static real element(const real *x, int count, real index) {
        return index >= 0 && index < (real)count ? x[(size_t)index] : (real)NAN;
      }
      """
    ),
  ]

  /// Words of C and C++, macros and functions of the headers.
  static let reservedWords = Set(
    """
    auto break case char const continue default do double else enum extern float for goto if inline int long \
    register restrict return short signed sizeof static struct switch typedef union unsigned void volatile while \
    alignas alignof and and_eq asm bitand bitor bool catch class compl concept const_cast constexpr delete \
    dynamic_cast explicit export false friend mutable namespace new noexcept not not_eq nullptr operator or or_eq \
    private protected public reinterpret_cast requires static_assert static_cast template this thread_local throw \
    true try typeid typename using virtual wchar_t xor xor_eq NULL NAN INFINITY HUGE_VAL HUGE_VALF HUGE_VALL \
    FP_NAN FP_INFINITE FP_ZERO FP_SUBNORMAL FP_NORMAL FP_ILOGB0 FP_ILOGBNAN FP_FAST_FMA FP_FAST_FMAF FP_FAST_FMAL \
    MATH_ERRNO MATH_ERREXCEPT math_errhandling offsetof row scores probabilities values highest i k linux unix
    """.split(separator: " ").map(String.init))
}
