// What the machine can do at most: multiply-adds in registers, reading from each level of the memory, and the
// inner loop of sending activity, rows of a weight matrix added to a membrane.
#include <chrono>
#include <cstdint>
#include <vector>

#ifdef __AVX512F__
typedef float vec __attribute__((vector_size(64)));
#else
typedef float vec __attribute__((vector_size(32)));
#endif
static const int WIDTH = sizeof(vec) / sizeof(float);

template <class Body> static double timed(Body body)
{
    const auto started = std::chrono::steady_clock::now();
    body();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
}

static float total(const vec& v)
{
    float sum = 0;
    for (int k = 0; k < WIDTH; k++) sum += v[k];
    return sum;
}

extern "C" {

// Ten independent sums hide the latency of the unit. Multiply-adds per second of all threads together.
double multiply_adds(int64_t rounds, int threads, float* sink)
{
    const double seconds = timed([&] {
#pragma omp parallel for num_threads(threads) schedule(static, 1)
        for (int t = 0; t < threads; t++) {
            vec a = vec{} + .999f, b = vec{} + .001f;
            vec s0{}, s1{}, s2{}, s3{}, s4{}, s5{}, s6{}, s7{}, s8{}, s9{};
            for (int64_t k = 0; k < rounds; k++) {
                s0 = s0 * a + b; s1 = s1 * a + b; s2 = s2 * a + b; s3 = s3 * a + b; s4 = s4 * a + b;
                s5 = s5 * a + b; s6 = s6 * a + b; s7 = s7 * a + b; s8 = s8 * a + b; s9 = s9 * a + b;
            }
            sink[t] = total(s0 + s1 + s2 + s3 + s4 + s5 + s6 + s7 + s8 + s9);
        }
    });
    return 10.0 * WIDTH * rounds * threads / seconds;
}

// Every thread reads its own part again and again. Bytes per second of all threads together.
double bytes_read(const float* data, int64_t n_each, int64_t passes, int threads, float* sink)
{
    const double seconds = timed([&] {
#pragma omp parallel for num_threads(threads) schedule(static, 1)
        for (int t = 0; t < threads; t++) {
            const vec* part = reinterpret_cast<const vec*>(data + t * n_each);
            vec s0{}, s1{}, s2{}, s3{}, s4{}, s5{}, s6{}, s7{};
            for (int64_t pass = 0; pass < passes; pass++) {
                for (int64_t k = 0; k + 8 <= n_each / WIDTH; k += 8) {
                    s0 += part[k]; s1 += part[k + 1]; s2 += part[k + 2]; s3 += part[k + 3];
                    s4 += part[k + 4]; s5 += part[k + 5]; s6 += part[k + 6]; s7 += part[k + 7];
                }
                // Keeps the compiler from summing once and multiplying by the number of passes.
                asm volatile("" ::: "memory");
            }
            sink[t] = total(s0 + s1 + s2 + s3 + s4 + s5 + s6 + s7);
        }
    });
    return 4.0 * n_each * passes * threads / seconds;
}

// Four rows per pass, chosen by `order`, added to a membrane of each thread. Multiply-adds per second.
double rows_added(const float* weights, const int32_t* order, int64_t n, int64_t sends, int threads, float* sink)
{
    const double seconds = timed([&] {
#pragma omp parallel for num_threads(threads) schedule(static, 1)
        for (int t = 0; t < threads; t++) {
            std::vector<float> membrane(n);
            float* u = membrane.data();
            for (int64_t k = 0; k + 4 <= sends; k += 4) {
                const int64_t at = (k + t * (sends / 2)) % (sends - 3);
                const float *g0 = weights + n * order[at], *g1 = weights + n * order[at + 1];
                const float *g2 = weights + n * order[at + 2], *g3 = weights + n * order[at + 3];
                const float c = 1e-6f * (k & 7);
#pragma omp simd
                for (int64_t j = 0; j < n; j++) u[j] += c * g0[j] - c * g1[j] + (c + 1e-6f) * g2[j] - c * g3[j];
            }
            sink[t] = u[n / 2];
        }
    });
    return 1.0 * (sends / 4 * 4) * n * threads / seconds;
}
}
