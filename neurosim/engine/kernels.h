// Loops over replicas, for both compiled targets of Brian2. Matrices are stored row by row.
// Threads divide replicas or rows and never share a target, so the sums do not depend on their number.

// Rows and columns of a stored matrix that have weights: the first of them, and how many.
struct Block { int row, n_rows, column, n_columns; };

template <typename T>
static void add_four_rows(T* __restrict out, const T* w0, const T* w1, const T* w2, const T* w3,
                          T a0, T a1, T a2, T a3, int n) {
  for (int i = 0; i < n; ++i) out[i] += a0 * w0[i] + a1 * w1[i] + a2 * w2[i] + a3 * w3[i];
}

template <typename T>
static void add_two_rows(T* __restrict out, const T* w0, const T* w1, T a0, T a1, int n) {
  for (int i = 0; i < n; ++i) out[i] += a0 * w0[i] + a1 * w1[i];
}

template <typename T>
static void add_row(T* __restrict out, const T* w, T a, int n) {
  for (int i = 0; i < n; ++i) out[i] += a * w[i];
}

// target[r] += sum over the active source neurons j of source[r, j] * weights[j], for the sources and targets of a
// block: silent neurons cost one comparison.
template <typename T>
static void add_active_rows(const T* source, const T* weights, T* target, int n_replicas, int n_source,
                            int n_target, bool clear, const Block& block) {
  const int n = block.n_columns;
  weights += (size_t)block.row * n_target + block.column;
  #pragma omp parallel if (n_replicas > 1 && n_source * n_target > 2048)
  {
    std::vector<int> active(block.n_rows);
    #pragma omp for schedule(static)
    for (int r = 0; r < n_replicas; ++r) {
      const T* x = source + (size_t)r * n_source + block.row;
      T* out = target + (size_t)r * n_target + block.column;
      if (clear) std::fill(out, out + n, T(0));
      int n_active = 0;
      for (int j = 0; j < block.n_rows; ++j) {
        active[n_active] = j;
        n_active += x[j] != T(0);
      }
      int k = 0;
      for (; k + 4 <= n_active; k += 4) {
        const int* j = &active[k];
        add_four_rows(out, weights + (size_t)j[0] * n_target, weights + (size_t)j[1] * n_target,
                      weights + (size_t)j[2] * n_target, weights + (size_t)j[3] * n_target,
                      x[j[0]], x[j[1]], x[j[2]], x[j[3]], n);
      }
      for (; k < n_active; ++k) add_row(out, weights + (size_t)active[k] * n_target, x[active[k]], n);
    }
  }
}

template <typename T>
static T dot(const T* __restrict x, const T* __restrict y, int n) {
  T sum = T(0);
  for (int i = 0; i < n; ++i) sum += x[i] * y[i];
  return sum;
}

// A vector register's worth of numbers; without GCC's or clang's vectors, one.
#if defined(__GNUC__)
template <typename T> struct Lanes { typedef T vector __attribute__((vector_size(32))); enum { n = 32 / sizeof(T) }; };
#else
template <typename T> struct Lanes { typedef T vector; enum { n = 1 }; };
#endif

// Six rows of x, `apart` from each other, times the two registers of rows of y that a panel holds column by column; row
// p of the result goes to out + p * stride. Twelve sums stay in registers, and every load serves several of them.
template <typename T>
static void panel_products(const T* __restrict x, size_t apart, const T* __restrict panel, int n, T* __restrict out,
                           size_t stride) {
  typedef typename Lanes<T>::vector Vector;
  const int lanes = Lanes<T>::n;
  const T *x0 = x, *x1 = x0 + apart, *x2 = x1 + apart, *x3 = x2 + apart, *x4 = x3 + apart, *x5 = x4 + apart;
  Vector a0 = {}, a1 = {}, a2 = {}, a3 = {}, a4 = {}, a5 = {}, b0 = {}, b1 = {}, b2 = {}, b3 = {}, b4 = {}, b5 = {};
  for (int k = 0; k < n; ++k, panel += 2 * lanes) {
    Vector y0, y1;
    std::memcpy(&y0, panel, sizeof(Vector));
    std::memcpy(&y1, panel + lanes, sizeof(Vector));
    a0 += x0[k] * y0; b0 += x0[k] * y1;
    a1 += x1[k] * y0; b1 += x1[k] * y1;
    a2 += x2[k] * y0; b2 += x2[k] * y1;
    a3 += x3[k] * y0; b3 += x3[k] * y1;
    a4 += x4[k] * y0; b4 += x4[k] * y1;
    a5 += x5[k] * y0; b5 += x5[k] * y1;
  }
  const Vector rows[6][2] = {{a0, b0}, {a1, b1}, {a2, b2}, {a3, b3}, {a4, b4}, {a5, b5}};
  for (int p = 0; p < 6; ++p) std::memcpy(out + p * stride, rows[p], sizeof(rows[p]));
}

// Some rows of a matrix, and how far apart their first numbers are; so many columns of them as a function is told.
template <typename T>
struct Rows {
  T* first;
  int n;
  size_t apart;
  T* operator[](int row) const { return first + (size_t)row * apart; }
};

// out[i, j] = x[i] . y[j] for all rows of x and y, n numbers long; with `half` only the places j <= i are sure to be
// written.
template <typename T>
static void row_products(Rows<const T> x, Rows<const T> y, int n, Rows<T> out, bool half) {
  const int width = 2 * Lanes<T>::n, n_panels = (y.n + width - 1) / width;
  #pragma omp parallel if ((double)x.n * y.n * n > 1e5)
  {
    std::vector<T> panel((size_t)n * width);
    #pragma omp for schedule(dynamic, 1)
    for (int k = 0; k < n_panels; ++k) {
      const int first = k * width, n_columns = std::min(width, y.n - first);
      for (int j = 0; j < n_columns; ++j)
        for (int c = 0; c < n; ++c) panel[(size_t)c * width + j] = y[first + j][c];
      int i = half ? first : 0;
      if (n_columns == width)
        for (; i + 6 <= x.n; i += 6) panel_products(x[i], x.apart, panel.data(), n, out[i] + first, out.apart);
      for (; i < x.n; ++i)
        for (int j = first; j < first + n_columns; ++j) out[i][j] = dot(x[i], y[j], n);
    }
  }
}

// target[r, j] += weights[j] . source[r]: the same matrix used in the other direction, whose rows are of the targets.
template <typename T>
static void add_products(const T* source, const T* weights, T* target, int n_replicas, int n_source, int n_target,
                         bool clear, const Block& block) {
  const Rows<const T> x = {source + block.column, n_replicas, (size_t)n_source};
  const Rows<const T> y = {weights + (size_t)block.row * n_source + block.column, block.n_rows, (size_t)n_source};
  const Rows<T> out = {target + block.row, n_replicas, (size_t)n_target};
  if (clear) {
    row_products(x, y, block.n_columns, out, false);
    return;
  }
  std::vector<T> sums((size_t)n_replicas * block.n_rows);
  row_products(x, y, block.n_columns, Rows<T>{sums.data(), n_replicas, (size_t)block.n_rows}, false);
  for (int r = 0; r < n_replicas; ++r)
    for (int j = 0; j < block.n_rows; ++j) out[r][j] += sums[(size_t)r * block.n_rows + j];
}

// target = weights . source for one replica.
template <typename T>
static void products_of_one(const T* source, const T* weights, T* target, int n_source, int n_target) {
  for (int j = 0; j < n_target; ++j) target[j] = dot(weights + (size_t)j * n_source, source, n_source);
}

// target[i] = sum over m of weights[i, m] * source[indices[i, m]] for one replica; no target may be a source.
template <typename T>
static void neighbour_sums_of_one(const T* source, const int32_t* indices, const T* weights, T* __restrict target,
                                  int n_target, int n_neighbours) {
  for (int i = 0; i < n_target; ++i, indices += n_neighbours, weights += n_neighbours) {
    T sum = T(0);
    for (int m = 0; m < n_neighbours; ++m) sum += weights[m] * source[indices[m]];
    target[i] = sum;
  }
}

template <typename T>
static void neighbour_sums(const T* source, const int32_t* indices, const T* weights, T* target, int n_replicas,
                           int n_source, int n_target, int n_neighbours) {
  #pragma omp parallel for schedule(static) if (n_replicas > 1 && n_target * n_neighbours > 2048)
  for (int r = 0; r < n_replicas; ++r)
    neighbour_sums_of_one(source + (size_t)r * n_source, indices, weights, target + (size_t)r * n_target, n_target,
                          n_neighbours);
}

// How many places of x and y are further apart than the distance. Compilers vectorise a count, but no maximum.
template <typename T>
static inline int count_beyond(const T* __restrict x, const T* __restrict y, int n, T distance) {
  int beyond = 0;
  #pragma omp simd reduction(+ : beyond)
  for (int i = 0; i < n; ++i) beyond += std::abs(x[i] - y[i]) > distance;
  return beyond;
}

// What one replica's neurons have told the others. Only changes of activity larger than epsilon are sent.
template <typename T>
struct Sender {
  std::vector<T> sent, last_change;
  std::vector<int> changed;
  explicit Sender(int n) : sent(n), last_change(n), changed(n + 4) {}

  void start() {
    std::fill(sent.begin(), sent.end(), T(0));
    std::fill(last_change.begin(), last_change.end(), T(0));
  }

  // Note that a neuron tells its activity, and return by how much it changed. `reversal` gathers the product of each
  // change with the one before, which is negative when the population swings back, `moved` the squared changes.
  T tell(int j, T now, T& reversal, T& moved) {
    const T change = now - sent[j];
    reversal += change * last_change[j];
    moved += change * change;
    last_change[j] = change;
    sent[j] = now;
    return change;
  }

  // Few neurons change, so look at sixteen at a time first.
  int find_changed(const T* __restrict now, int n, T epsilon) {
    int n_changed = 0, first = 0;
    const T* old = sent.data();
    for (; first + 16 <= n; first += 16) {
      if (count_beyond(now + first, old + first, 16, epsilon))
        n_changed = note_changed(now, first, first + 16, epsilon, n_changed);
    }
    return note_changed(now, first, n, epsilon, n_changed);
  }

  int note_changed(const T* now, int first, int past, T epsilon, int n_changed) {
    for (int i = first; i < past; ++i) {
      changed[n_changed] = i;
      n_changed += std::abs(now[i] - sent[i]) > epsilon;
    }
    return n_changed;
  }

  // Whether no neuron would send any more if it got there.
  bool content_with(const T* __restrict goal, T tolerance) const {
    return !count_beyond(goal, sent.data(), (int)sent.size(), tolerance);
  }
};

// A sender along dense weights: a row of them for every neuron.
template <typename T>
struct ChangeSender : Sender<T> {
  using Sender<T>::sent;
  using Sender<T>::changed;
  std::vector<int> first, past;
  const Block* blocks;
  // Of n neurons, whose targets are told by blocks of the weights.
  ChangeSender(int n, const Block* blocks) : Sender<T>(n), first(n), past(n, -1), blocks(blocks) {}

  // target += (now - sent) . weights for the neurons that send; returns their number.
  int send(const T* __restrict now, const T* weights, T* __restrict target, int n_target, T epsilon, T& reversal,
           T& moved) {
    const int n = (int)sent.size(), n_changed = this->find_changed(now, n, epsilon);
    T change[4];
    const Block* block = blocks;
    for (int k = 0, together; k < n_changed; k += together) {
      const int* j = &changed[k];
      block = block_of(block, j[0]);
      together = std::min(4, n_changed - k);
      while (j[together - 1] >= block->row + block->n_rows) --together;
      int from = n_target, to = 0;
      for (int q = 0; q < together; ++q) {
        change[q] = this->tell(j[q], now[j[q]], reversal, moved);
        if (past[j[q]] < 0) find_ends(weights + (size_t)j[q] * n_target, j[q], *block);
        from = std::min(from, first[j[q]]);
        to = std::max(to, past[j[q]]);
      }
      const T* w = weights + from;
      if (together == 4)
        add_four_rows(target + from, w + (size_t)j[0] * n_target, w + (size_t)j[1] * n_target,
                      w + (size_t)j[2] * n_target, w + (size_t)j[3] * n_target,
                      change[0], change[1], change[2], change[3], to - from);
      else
        for (int q = 0; q < together; ++q)
          add_row(target + from, w + (size_t)j[q] * n_target, change[q], to - from);
    }
    return n_changed;
  }

  // Neurons of distant tiles have no overlap: their zeros at both ends of a row are passed over, sixteen at a time, so
  // that all other sums are taken as they would be.
  void find_ends(const T* row, int j, const Block& block) {
    const int end = block.column + block.n_columns;
    int from = block.column, to = end;
    while (from < to && row[from] == T(0)) ++from;
    while (to > from && row[to - 1] == T(0)) --to;
    first[j] = block.column + (from - block.column) / 16 * 16;
    past[j] = std::min(end, block.column + (to - block.column + 15) / 16 * 16);
  }

  // Send all that was not said, without a word to those who watch for swings.
  void say_all(const T* __restrict now, const T* weights, T* __restrict target, int n_target) {
    const int n = (int)sent.size();
    const Block* block = blocks;
    for (int i = 0; i < n; ++i) {
      if (now[i] == sent[i]) continue;
      block = block_of(block, i);
      add_row(target + block->column, weights + (size_t)i * n_target + block->column, now[i] - sent[i],
              block->n_columns);
      sent[i] = now[i];
    }
  }

  // The block of a neuron, from that of one before it on.
  static const Block* block_of(const Block* block, int neuron) {
    while (neuron >= block->row + block->n_rows) ++block;
    return block;
  }
};

// out += the rows of the given neurons, which all sent a spike.
template <typename T>
static inline void add_rows_of(T* __restrict out, const T* weights, const int* rows, int n_rows, int n) {
  for (int k = 0; k < n_rows; ++k) add_row(out, weights + (size_t)rows[k] * n, T(1), n);
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

// sum[c] = sum over replicas of rows[r, row] * columns[r, c] for the columns of a block, skipping replicas whose row
// factor is zero.
template <typename T>
static void outer_row(T* sum, const T* rows, const T* columns, int row, int n_replicas, int n_rows, int n_columns,
                      const Block& block) {
  std::fill(sum, sum + block.n_columns, T(0));
  for (int r = 0; r < n_replicas; ++r) {
    const T x = rows[(size_t)r * n_rows + row];
    if (x != T(0)) add_row(sum, columns + (size_t)r * n_columns + block.column, x, block.n_columns);
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
  #pragma omp parallel for schedule(static) if (n_rows * n_columns > 65536)
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

// Copy what is below the diagonal of a square of a matrix above it, tile by tile: straight across, each number would
// miss the cache.
template <typename T>
static void mirror_lower(Rows<T> matrix) {
  const int n = matrix.n;
  const int side = 32, n_tiles = (n + side - 1) / side;
  #pragma omp parallel for schedule(dynamic, 1) if (n > 256)
  for (int row_tile = 0; row_tile < n_tiles; ++row_tile) {
    T tile[32][33];
    const int top = row_tile * side, bottom = std::min(n, top + side);
    for (int left = 0; left <= top; left += side) {
      const int right = std::min(n, left + side);
      for (int i = top; i < bottom; ++i)
        for (int j = left; j < right; ++j) tile[j - left][i - top] = matrix[i][j];
      for (int j = left; j < right; ++j)
        for (int i = std::max(top, j + 1); i < bottom; ++i) matrix[j][i] = tile[j - left][i - top];
    }
  }
}

// matrix[i, j] = scale[i] * scale[j] * (matrix[i, j] + matrix[j, i]), tile by tile.
template <typename T>
static void add_transpose(Rows<T> matrix, const T* scale) {
  const int n = matrix.n;
  const int side = 32, n_tiles = (n + side - 1) / side;
  #pragma omp parallel for schedule(dynamic, 1) if (n > 256)
  for (int row_tile = 0; row_tile < n_tiles; ++row_tile) {
    T tile[32][33];
    const int top = row_tile * side, bottom = std::min(n, top + side);
    for (int left = 0; left <= top; left += side) {
      const int right = std::min(n, left + side);
      for (int j = left; j < right; ++j)
        for (int i = top; i < bottom; ++i) tile[i - top][j - left] = matrix[j][i];
      for (int i = top; i < bottom; ++i)
        for (int j = left; j < right; ++j) {
          const T sum = scale[i] * scale[j] * (matrix[i][j] + tile[i - top][j - left]);
          tile[i - top][j - left] = sum;
        }
      for (int i = top; i < bottom; ++i)
        for (int j = left; j < right; ++j) matrix[i][j] = tile[i - top][j - left];
      for (int j = left; j < right; ++j)
        for (int i = top; i < bottom; ++i) matrix[j][i] = tile[i - top][j - left];
    }
  }
}

// The square of overlaps that the rows of a block have with each other.
template <typename T>
static Rows<T> square_of(T* overlaps, int n_rows, const Block& block) {
  return Rows<T>{overlaps + (size_t)block.row * (n_rows + 1), block.n_rows, (size_t)n_rows};
}

// overlaps = weights . weights^T - identity, for the rows of a block
template <typename T>
static void row_overlaps(const T* weights, T* overlaps, int n_rows, int n_columns, const Block& block) {
  const Rows<const T> own = {weights + (size_t)block.row * n_columns + block.column, block.n_rows, (size_t)n_columns};
  const Rows<T> square = square_of(overlaps, n_rows, block);
  row_products(own, own, block.n_columns, square, true);
  for (int i = 0; i < block.n_rows; ++i) square[i][i] -= T(1);
  mirror_lower(square);
}

// residual = x - y; energies[r] gains, or with `first` becomes, factor * |residual[r]|^2 / 2
template <typename T, typename Factor>
static void add_residual_energies(const T* x, const T* y, T* residual, T* energies, Factor factor, bool first,
                                  int n_replicas, int n) {
  for (int r = 0; r < n_replicas; ++r, x += n, y += n, residual += n) {
    for (int i = 0; i < n; ++i) residual[i] = x[i] - y[i];
    const T half = T(factor) * (dot(residual, residual, n) / 2);
    energies[r] = first ? half : energies[r] + half;
  }
}

// The overlaps of a block's rows that all moved by rate * sum over replicas r of code[r, j] * residual[r] and were then
// scaled to unit norm, from the overlaps before. With `projections` the residuals' products with the rows before and
// `crossed` those with each other, this takes a few passes over the overlaps instead of all products of rows.
template <typename T>
static void follow_rows(T* all_overlaps, const T* all_code, const T* all_projections, const T* crossed, T rate,
                        int n_replicas, int n_rows, const Block& block) {
  const int n = block.n_rows;
  const Rows<T> overlaps = square_of(all_overlaps, n_rows, block);
  const Rows<const T> code = {all_code + block.row, n_replicas, (size_t)n_rows};
  const Rows<const T> projections = {all_projections + block.row, n_replicas, (size_t)n_rows};
  std::vector<T> moves((size_t)n_replicas * n), scale(n);
  std::vector<int> active, ends(1, 0);
  for (int q = 0; q < n_replicas; ++q) {
    for (int j = 0; j < n; ++j) if (code[q][j] != T(0)) active.push_back(j);
    ends.push_back((int)active.size());
  }
  #pragma omp parallel for schedule(static)
  for (int r = 0; r < n_replicas; ++r) {
    T* move = &moves[(size_t)r * n];
    for (int i = 0; i < n; ++i) move[i] = rate * projections[r][i];
    for (int q = 0; q < n_replicas; ++q) {
      const T factor = rate * rate / 2 * crossed[(size_t)r * n_replicas + q];
      for (int k = ends[q]; k < ends[q + 1]; ++k) move[active[k]] += factor * code[q][active[k]];
    }
  }
  // Half of the new overlaps: they are this plus its transpose.
  #pragma omp parallel
  {
    std::vector<int> users(n_replicas);
    #pragma omp for schedule(static)
    for (int j = 0; j < n; ++j) {
      T* row = overlaps[j];
      row[j] += T(1);
      int n_users = 0;
      for (int r = 0; r < n_replicas; ++r) {
        users[n_users] = r;
        n_users += code[r][j] != T(0);
      }
      for (int i = 0; i < n; ++i) row[i] *= T(.5);
      int k = 0;
      for (; k + 4 <= n_users; k += 4) {
        const int* r = &users[k];
        add_four_rows(row, &moves[(size_t)r[0] * n], &moves[(size_t)r[1] * n], &moves[(size_t)r[2] * n],
                      &moves[(size_t)r[3] * n], code[r[0]][j], code[r[1]][j], code[r[2]][j], code[r[3]][j], n);
      }
      for (; k < n_users; ++k) add_row(row, &moves[(size_t)users[k] * n], code[users[k]][j], n);
      scale[j] = row[j] > T(0) ? T(1) / std::sqrt(2 * row[j]) : T(1);
    }
  }
  add_transpose(overlaps, scale.data());
  for (int j = 0; j < n; ++j) overlaps[j][j] -= T(1);
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
