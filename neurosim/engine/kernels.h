// Loops over replicas, for both compiled targets of Brian2. Matrices are stored row by row.
// Threads divide replicas or rows and never share a target, so the sums do not depend on their number.

template <typename T>
static void add_four_rows(T* __restrict out, const T* w0, const T* w1, const T* w2, const T* w3,
                          T a0, T a1, T a2, T a3, int n) {
  for (int i = 0; i < n; ++i) out[i] += a0 * w0[i] + a1 * w1[i] + a2 * w2[i] + a3 * w3[i];
}

template <typename T>
static void add_row(T* __restrict out, const T* w, T a, int n) {
  for (int i = 0; i < n; ++i) out[i] += a * w[i];
}

// target[r] += sum over the active source neurons j of source[r, j] * weights[j]: silent neurons cost one comparison.
template <typename T>
static void add_active_rows(const T* source, const T* weights, T* target, int n_replicas, int n_source,
                            int n_target, bool clear) {
  #pragma omp parallel if (n_replicas > 1 && n_source * n_target > 2048)
  {
    std::vector<int> active(n_source);
    #pragma omp for schedule(static)
    for (int r = 0; r < n_replicas; ++r) {
      const T* x = source + (size_t)r * n_source;
      T* out = target + (size_t)r * n_target;
      if (clear) std::fill(out, out + n_target, T(0));
      int n_active = 0;
      for (int j = 0; j < n_source; ++j) {
        active[n_active] = j;
        n_active += x[j] != T(0);
      }
      int k = 0;
      for (; k + 4 <= n_active; k += 4) {
        const int* j = &active[k];
        add_four_rows(out, weights + (size_t)j[0] * n_target, weights + (size_t)j[1] * n_target,
                      weights + (size_t)j[2] * n_target, weights + (size_t)j[3] * n_target,
                      x[j[0]], x[j[1]], x[j[2]], x[j[3]], n_target);
      }
      for (; k < n_active; ++k) add_row(out, weights + (size_t)active[k] * n_target, x[active[k]], n_target);
    }
  }
}

template <typename T>
static T dot(const T* __restrict x, const T* __restrict y, int n) {
  T sum = T(0);
  for (int i = 0; i < n; ++i) sum += x[i] * y[i];
  return sum;
}

// target[r, j] += weights[j] . source[r]: the same matrix used in the other direction.
template <typename T>
static void add_products(const T* source, const T* weights, T* target, int n_replicas, int n_source, int n_target,
                         bool clear) {
  #pragma omp parallel for schedule(static) if (n_replicas > 1 && n_source * n_target > 2048)
  for (int r = 0; r < n_replicas; ++r) {
    const T* x = source + (size_t)r * n_source;
    T* out = target + (size_t)r * n_target;
    if (clear) std::fill(out, out + n_target, T(0));
    for (int j = 0; j < n_target; ++j) out[j] += dot(weights + (size_t)j * n_source, x, n_source);
  }
}

// Spikes come as Brian2's spike space: indices of the neurons that fired, their number in the last place.
template <typename T>
static void add_spiking_rows(const int32_t* spikes, const T* weights, T* target, int n_replicas, int n_source,
                             int n_target, bool transposed, bool clear) {
  if (clear) std::fill(target, target + (size_t)n_replicas * n_target, T(0));
  const int n_spikes = spikes[(size_t)n_replicas * n_source];
  for (int k = 0; k < n_spikes; ++k) {
    const int r = spikes[k] / n_source, j = spikes[k] % n_source;
    T* out = target + (size_t)r * n_target;
    if (transposed) {
      for (int i = 0; i < n_target; ++i) out[i] += weights[(size_t)i * n_source + j];
    } else {
      add_row(out, weights + (size_t)j * n_target, T(1), n_target);
    }
  }
}

// sum[c] = sum over replicas of rows[r, row] * columns[r, c], skipping replicas whose row factor is zero.
template <typename T>
static void outer_row(T* sum, const T* rows, const T* columns, int row, int n_replicas, int n_rows, int n_columns) {
  std::fill(sum, sum + n_columns, T(0));
  for (int r = 0; r < n_replicas; ++r) {
    const T x = rows[(size_t)r * n_rows + row];
    if (x != T(0)) add_row(sum, columns + (size_t)r * n_columns, x, n_columns);
  }
}

// Mean over replicas of an (n_replicas, n) array, which may be one of counts.
template <typename S, typename T>
static void replica_mean(const S* values, T* mean, int n_replicas, int n) {
  std::fill(mean, mean + n, T(0));
  for (int r = 0; r < n_replicas; ++r)
    for (int i = 0; i < n; ++i) mean[i] += T(values[(size_t)r * n + i]);
  for (int i = 0; i < n; ++i) mean[i] /= n_replicas;
}

// A vector of zeros has no direction and stays as it is.
template <typename T>
static void normalise_rows(T* weights, int n_rows, int n_columns) {
  for (int row = 0; row < n_rows; ++row) {
    T* w = weights + (size_t)row * n_columns;
    const T norm = std::sqrt(dot(w, w, n_columns));
    if (norm > T(0)) for (int c = 0; c < n_columns; ++c) w[c] /= norm;
  }
}

template <typename T>
static void normalise_columns(T* weights, int n_rows, int n_columns) {
  for (int c = 0; c < n_columns; ++c) {
    T sum = T(0);
    for (int row = 0; row < n_rows; ++row) sum += weights[(size_t)row * n_columns + c] * weights[(size_t)row * n_columns + c];
    const T norm = std::sqrt(sum);
    if (norm > T(0)) for (int row = 0; row < n_rows; ++row) weights[(size_t)row * n_columns + c] /= norm;
  }
}

// overlaps = weights . weights^T - identity
template <typename T>
static void row_overlaps(const T* weights, T* overlaps, int n_rows, int n_columns) {
  #pragma omp parallel for schedule(dynamic, 8) if (n_rows > 32)
  for (int i = 0; i < n_rows; ++i) {
    for (int j = 0; j <= i; ++j) {
      const T overlap = dot(weights + (size_t)i * n_columns, weights + (size_t)j * n_columns, n_columns) - T(i == j);
      overlaps[(size_t)i * n_rows + j] = overlap;
      overlaps[(size_t)j * n_rows + i] = overlap;
    }
  }
}

// Index of the first value beyond the limit or not a number, -1 if there is none.
template <typename T>
static int first_beyond(const T* values, T limit, int n) {
  int bad = 0;
  for (int i = 0; i < n; ++i) bad += !(std::abs(values[i]) <= limit);
  if (!bad) return -1;
  for (int i = 0; i < n; ++i) if (!(std::abs(values[i]) <= limit)) return i;
  return -1;
}
