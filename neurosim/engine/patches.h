// Neurons on a grid of positions that share their weights, each acting on a box of cells of another grid. Three axes;
// in every cell lie `inner` numbers next to each other. Neurons are ordered position by position, rows innermost.
struct Patches {
  int positions[3], step[3], start[3], patch[3], target[3], inner, wrap;
  int n_positions() const { return positions[0] * positions[1] * positions[2]; }
  int row() const { return patch[0] * patch[1] * patch[2] * inner; }
  size_t n_target() const { return (size_t)target[0] * target[1] * target[2] * inner; }
};

// Where a cell lies along an axis of n cells: -1 beyond it, or counted on from the other edge.
static inline int wrapped(int place, int n) {
  const int rest = place % n;
  return rest < 0 ? rest + n : rest;
}

static inline int place_of(int place, int n, bool wrap) {
  if (place >= 0 && place < n) return place;
  return wrap ? wrapped(place, n) : -1;
}

// Calls piece(place in the target, place in the row, numbers) for all of the box of a position, run by run.
template <typename Piece>
static inline void each_piece(const Patches& g, int position, Piece piece) {
  const int across = position % g.positions[2], rest = position / g.positions[2];
  const int at0 = rest / g.positions[1] * g.step[0] + g.start[0], at1 = rest % g.positions[1] * g.step[1] + g.start[1];
  const int at2 = across * g.step[2] + g.start[2], width = g.target[2];
  for (int i = 0; i < g.patch[0]; ++i) {
    const int y0 = place_of(at0 + i, g.target[0], g.wrap);
    if (y0 < 0) continue;
    for (int j = 0; j < g.patch[1]; ++j) {
      const int y1 = place_of(at1 + j, g.target[1], g.wrap);
      if (y1 < 0) continue;
      const size_t line = ((size_t)y0 * g.target[1] + y1) * width;
      const size_t row = ((size_t)i * g.patch[1] + j) * g.patch[2];
      for (int k = 0; k < g.patch[2];) {
        int y = at2 + k;
        if (g.wrap) y = wrapped(y, width);
        if (y >= width) break;
        if (y < 0) { k -= y; continue; }
        const int n = std::min(g.patch[2] - k, width - y);
        piece((line + y) * g.inner, (row + k) * g.inner, n * g.inner);
        k += n;
      }
    }
  }
}

template <typename T>
static inline void add_patch(T* __restrict target, const T* row, T a, const Patches& g, int position) {
  each_piece(g, position, [&](size_t to, size_t from, int n) { add_row(target + to, row + from, a, n); });
}

// target[r] = sum over the active neurons of source[r] of their rows at their positions.
template <typename T>
static void add_active_patches(const T* source, const T* rows, T* target, int n_replicas, int n_rows, const Patches& g) {
  const int n_source = g.n_positions() * n_rows, row = g.row();
  const size_t n_target = g.n_target();
  #pragma omp parallel for schedule(static) if (n_replicas > 1)
  for (int r = 0; r < n_replicas; ++r) {
    const T* x = source + (size_t)r * n_source;
    T* out = target + r * n_target;
    std::fill(out, out + n_target, T(0));
    for (int i = 0; i < n_source; ++i)
      if (x[i] != T(0)) add_patch(out, rows + (size_t)(i % n_rows) * row, x[i], g, i / n_rows);
  }
}

// target = products of the rows with what lies in the box of every position, for one replica.
template <typename T>
static void patch_products_of_one(const T* source, const T* rows, T* target, int n_rows, const Patches& g) {
  const int together = 48, n_positions = g.n_positions(), row = g.row();
  std::vector<T> boxes((size_t)together * row);
  for (int first = 0; first < n_positions; first += together) {
    const int n = std::min(together, n_positions - first);
    std::fill(boxes.begin(), boxes.end(), T(0));
    for (int p = 0; p < n; ++p) {
      T* box = &boxes[(size_t)p * row];
      each_piece(g, first + p, [&](size_t from, size_t to, int m) { std::copy(source + from, source + from + m, box + to); });
    }
    row_products(Rows<const T>{boxes.data(), n, (size_t)row}, Rows<const T>{rows, n_rows, (size_t)row}, row,
                 Rows<T>{target + (size_t)first * n_rows, n, (size_t)n_rows}, false);
  }
}

template <typename T>
static void patch_products(const T* source, const T* rows, T* target, int n_replicas, int n_rows, const Patches& g) {
  const size_t n_source = g.n_target(), n_target = (size_t)g.n_positions() * n_rows;
  #pragma omp parallel for schedule(static) if (n_replicas > 1)
  for (int r = 0; r < n_replicas; ++r)
    patch_products_of_one(source + r * n_source, rows, target + r * n_target, n_rows, g);
}

// What neurons of one replica that share their rows have told the others.
template <typename T>
struct PatchSender : Sender<T> {
  const int n_rows, row;
  const Patches g;
  PatchSender(int n_rows, const Patches& g)
      : Sender<T>(g.n_positions() * n_rows), n_rows(n_rows), row(g.row()), g(g) {}

  const T* row_of(int j, const T* rows) const { return rows + (size_t)(j % n_rows) * row; }

  // As of ChangeSender.
  int send(const T* __restrict now, const T* rows, T* __restrict target, int, T epsilon, T& reversal, T& moved) {
    const int n_changed = this->find_changed(now, (int)this->sent.size(), epsilon);
    for (int k = 0; k < n_changed; ++k) {
      const int j = this->changed[k];
      add_patch(target, row_of(j, rows), this->tell(j, now[j], reversal, moved), g, j / n_rows);
    }
    return n_changed;
  }

  void say_all(const T* __restrict now, const T* rows, T* __restrict target, int) {
    for (int j = 0; j < (int)this->sent.size(); ++j) {
      if (now[j] == this->sent[j]) continue;
      add_patch(target, row_of(j, rows), now[j] - this->sent[j], g, j / n_rows);
      this->sent[j] = now[j];
    }
  }
};

#if defined(__GNUC__)
#define ALONE __attribute__((noinline))
static inline int lowest_bit(uint64_t bits) { return __builtin_ctzll(bits); }
#else
#define ALONE
static inline int lowest_bit(uint64_t bits) {
  int place = 0;
  for (; !(bits & 1); bits >>= 1) ++place;
  return place;
}
#endif

// out += the sum of one, two or four rows times their factors; a function of its own has registers enough for it.
template <typename T>
ALONE static void add_some_rows(T* __restrict out, const T* const* w, size_t from, const T* a, int n_rows, int n) {
  if (n_rows == 4)
    add_four_rows(out, w[0] + from, w[1] + from, w[2] + from, w[3] + from, a[0], a[1], a[2], a[3], n);
  else if (n_rows == 2)
    add_two_rows(out, w[0] + from, w[1] + from, a[0], a[1], n);
  else
    add_row(out, w[0] + from, a[0], n);
}

// Neurons on a grid that inhibit each other, some positions at a time, a block: state that is many times larger than
// the processor's cache is read once a step. A block is calm when none of its neurons would tell anything on the way
// to where they are heading. Until somebody's change reaches it, its membranes are left behind; then they take the
// steps that they missed, one by one.
template <typename T>
struct BlockSender : PatchSender<T> {
  using PatchSender<T>::sent;
  using PatchSender<T>::last_change;
  using PatchSender<T>::n_rows;
  using PatchSender<T>::g;
  const int n, size, n_blocks, n_words;
  int unrest = 0;
  std::vector<T> activity, potential;  // of a block
  std::vector<int> found;  // who has something to tell, and what
  std::vector<T> changes;
  std::vector<uint64_t> spoke;  // a bit for every neuron, word by word of a block
  std::vector<char> calm;
  std::vector<int> reached;  // steps that a calm block has taken
  std::vector<double> lengths;
  BlockSender(int n_rows, const Patches& g)
      : PatchSender<T>(n_rows, g), n(g.n_positions() * n_rows), size(std::max(1, 128 / n_rows) * n_rows),
        n_blocks((n + size - 1) / size), n_words((size + 63) / 64), activity(size), potential(size),
        spoke((size_t)n_blocks * n_words), calm(n_blocks), reached(n_blocks) {}

  int first_of(int block) const { return block * size; }
  int past_of(int block) const { return std::min(n, (block + 1) * size); }

  void start() {
    Sender<T>::start();
    std::fill(spoke.begin(), spoke.end(), 0);
    std::fill(calm.begin(), calm.end(), 0);
    lengths.clear();
    found.clear();
    unrest = 0;
  }

  void has_spoken(int j) { spoke[(size_t)(j / size) * n_words + j % size / 64] |= uint64_t(1) << (j % size % 64); }

  // Whether anybody in a block, as active as `activity` has it, would tell a change beyond a distance; `activity` has
  // the changes then. Few have ever spoken: only theirs is not what they would tell.
  bool would_tell(int block, T distance) {
    T* __restrict change = activity.data();
    for (int word = 0; word < n_words; ++word)
      for (uint64_t left = spoke[(size_t)block * n_words + word]; left; left &= left - 1) {
        const int i = 64 * word + lowest_bit(left);
        change[i] -= sent[first_of(block) + i];
      }
    int loud = 0;
    const int n_here = past_of(block) - first_of(block);
    for (int i = 0; i < n_here; ++i) loud += std::abs(change[i]) > distance;
    return loud > 0;
  }

  // Note who of a block has changed by more than epsilon; return whether anybody has.
  bool look(int block, T epsilon) {
    if (!would_tell(block, epsilon)) return false;
    const int from = first_of(block), n_here = past_of(block) - from;
    for (int i = 0; i < n_here; ++i)
      if (std::abs(activity[i]) > epsilon) {
        found.push_back(from + i);
        changes.push_back(activity[i]);
      }
    return true;
  }

  // Send what was found, up to four changes of a position together; `wake` a block before a change reaches it.
  template <typename Wake>
  int send_found(const T* rows, T* __restrict target, T& reversal, T& moved, Wake wake) {
    const int n_sent = (int)found.size();
    for (int k = 0, together; k < n_sent; k += together) {
      const int* j = &found[k];
      const int position = j[0] / n_rows;
      int n_here = 1;
      while (n_here < 4 && k + n_here < n_sent && j[n_here] / n_rows == position) ++n_here;
      together = n_here == 3 ? 2 : n_here;
      const T* a = &changes[k];
      const T* w[4];
      for (int q = 0; q < together; ++q) {
        reversal += a[q] * last_change[j[q]];
        moved += a[q] * a[q];
        last_change[j[q]] = a[q];
        sent[j[q]] += a[q];
        has_spoken(j[q]);
        w[q] = this->row_of(j[q], rows);
      }
      each_piece(g, position, [&](size_t to, size_t from, int n_numbers) {
        for (int block = (int)(to / size); block <= (int)((to + n_numbers - 1) / size); ++block)
          if (calm[block]) wake(block);
        add_some_rows(target + to, w, from, a, together, n_numbers);
      });
    }
    found.clear();
    changes.clear();
    return n_sent;
  }

  void say_all(const T* __restrict now, const T* rows, T* __restrict target, int) {
    for (int j = 0; j < n; ++j)
      if (now[j] != sent[j]) has_spoken(j);
    PatchSender<T>::say_all(now, rows, target, n);
  }
};

// sum = sum over replicas and positions of rows[r, position, row] times what lies in the box there of columns[r].
template <typename T>
static void outer_patches(T* sum, const T* rows, const T* columns, int row, int n_replicas, int n_rows, const Patches& g) {
  const int n_positions = g.n_positions();
  const size_t n_columns = g.n_target();
  std::fill(sum, sum + g.row(), T(0));
  for (int r = 0; r < n_replicas; ++r)
    for (int p = 0; p < n_positions; ++p) {
      const T x = rows[((size_t)r * n_positions + p) * n_rows + row];
      if (x == T(0)) continue;
      const T* seen = columns + r * n_columns;
      each_piece(g, p, [&](size_t from, size_t to, int n) { add_row(sum + to, seen + from, x, n); });
    }
}

// Copy the cells that all fields have from `first` on, so many along each axis, one field after the other.
template <typename T>
static void cut_out(const T* fields, T* cut, int n_fields, const Patches& g, const int* first, const int* size) {
  const int n = size[2] * g.inner;
  for (int f = 0; f < n_fields; ++f)
    for (int i = 0; i < size[0]; ++i)
      for (int j = 0; j < size[1]; ++j, cut += n) {
        const size_t line = ((size_t)f * g.patch[0] + first[0] + i) * g.patch[1] + first[1] + j;
        const T* from = fields + (line * g.patch[2] + first[2]) * g.inner;
        std::copy(from, from + n, cut);
      }
}

// overlaps[k, d, l] = product of field k with field l moved by d steps, minus identity; `table` has the range of d.
template <typename T>
static void patch_overlaps(const T* fields, T* overlaps, int n_fields, const Patches& g, const Patches& table) {
  const int n_moves = table.patch[0] * table.patch[1] * table.patch[2], middle = n_moves / 2;
  const size_t apart = (size_t)n_moves * n_fields;
  std::vector<T> own((size_t)n_fields * g.row()), moved(own.size());
  for (int d = middle; d < n_moves; ++d) {
    const int at[3] = {d / (table.patch[1] * table.patch[2]), d / table.patch[2] % table.patch[1], d % table.patch[2]};
    int first[3], others[3], size[3], n = g.inner;
    for (int axis = 0; axis < 3; ++axis) {
      const int move = (at[axis] + table.start[axis]) * g.step[axis];
      first[axis] = std::max(0, move);
      others[axis] = std::max(0, -move);
      size[axis] = std::max(0, g.patch[axis] - std::abs(move));  // fields of others may reach farther
      n *= size[axis];
    }
    if (n > 0) {
      cut_out(fields, own.data(), n_fields, g, first, size);
      cut_out(fields, moved.data(), n_fields, g, others, size);
    }
    row_products(Rows<const T>{own.data(), n_fields, (size_t)n}, Rows<const T>{moved.data(), n_fields, (size_t)n}, n,
                 Rows<T>{overlaps + (size_t)d * n_fields, n_fields, apart}, false);
    const int back = n_moves - 1 - d;
    if (back != d)
      for (int k = 0; k < n_fields; ++k)
        for (int l = 0; l < n_fields; ++l)
          overlaps[l * apart + (size_t)back * n_fields + k] = overlaps[k * apart + (size_t)d * n_fields + l];
  }
  for (int k = 0; k < n_fields; ++k) overlaps[k * apart + (size_t)middle * n_fields + k] -= T(1);
}
