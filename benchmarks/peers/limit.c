/* Gradient descent as fast as this machine's vectors go, with gdlab's verdicts to the last bit.

   Each thread keeps a pool of WIDTH lanes abreast, whose loops the compiler turns into vectors, and
   takes STRIDE steps with all of them between two looks at who may have stopped. The strides only
   suspect: they keep each lane's shortest step and largest coordinate. A suspect's column goes to
   the next waiting lane at once; the suspect itself is taken back to where the stride began, and
   when WIDTH suspects are together, they repeat it with the exact tests at every step. Lanes that
   reach max_iter are gathered likewise and watched for cycles by the rule of gdlab/cycles.py.

   Compiled with DIMENSION 1 (the quadratic x*x + 4*x + 4) or 2 (Himmelblau), and without
   contraction, so that every operation rounds as NumPy's does. */

#include <math.h>
#include <stdatomic.h>
#include <stdint.h>
#include <string.h>

#ifndef WIDTH
#define WIDTH 64
#endif
#ifndef STRIDE
#define STRIDE 16
#endif

enum { WATCH = 128, LONGEST_PERIOD = 64, CLAIM = 256 };
enum { CONVERGED, CYCLING, MAX_ITER, DIVERGED };
static const double RETURN = 1e-9;

/* For every lane j of the pool, by vectors. */
#define ABREAST _Pragma("omp simd") for (int j = 0; j < WIDTH; j++)

/* The gradient at column j of x, in gdlab's order of operations. */
#if DIMENSION == 1
#define SLOPES(x, j, slope)                                                                        \
    double slope[1] = {2 * x[0][j] + 4};
#else
#define SLOPES(x, j, slope)                                                                        \
    double first = x[0][j], second = x[1][j];                                                      \
    double first2 = first * first, second2 = second * second;                                      \
    double slope[2] = {4 * first * (second + first2 - 11) + 2 * first + 2 * second2 - 14,          \
                       4 * second * (first + second2 - 7) + 2 * second + 2 * first2 - 22};
#endif

typedef struct {
    const double *alpha, *x0;
    int64_t n;
    double tol, escape;
    int max_iter;
    int32_t *steps;
    int8_t *status;
    int16_t *period;
    double *x;
    _Atomic int64_t claimed;
} Problem;

/* Columns of lanes under way. */
typedef struct {
    double x[DIMENSION][WIDTH], alpha[WIDTH];
    int64_t lane[WIDTH], k[WIDTH];
    int n;
} Lanes;

typedef struct {
    Lanes pool, suspects, late;
    int64_t next, end; /* lanes that this thread has claimed and not begun */
} Worker;

static inline double greater(double a, double b) { return a > b ? a : b; }
static inline double lesser(double a, double b) { return a < b ? a : b; }

static inline void move(const Lanes *from, int i, Lanes *to, int j) {
    for (int c = 0; c < DIMENSION; c++) to->x[c][j] = from->x[c][i];
    to->alpha[j] = from->alpha[i];
    to->lane[j] = from->lane[i];
    to->k[j] = from->k[i];
}

static void record(Problem *p, const Lanes *lanes, int j, int status, int period) {
    int64_t lane = lanes->lane[j];
    p->steps[lane] = (int32_t)lanes->k[j];
    p->status[lane] = (int8_t)status;
    p->period[lane] = (int16_t)period;
    for (int c = 0; c < DIMENSION; c++) p->x[c * p->n + lane] = lanes->x[c][j];
}

/* Put the next waiting lane into column j; 0 if none waits. */
static inline int begin(Problem *p, Worker *w, int j) {
    if (w->next == w->end) {
        w->next = atomic_fetch_add_explicit(&p->claimed, CLAIM, memory_order_relaxed);
        if (w->next >= p->n) return w->next = w->end = p->n, 0;
        w->end = w->next + CLAIM < p->n ? w->next + CLAIM : p->n;
    }
    int64_t lane = w->next++;
    for (int c = 0; c < DIMENSION; c++) w->pool.x[c][j] = p->x0[c * p->n + lane];
    w->pool.alpha[j] = p->alpha[lane];
    w->pool.lane[j] = lane;
    w->pool.k[j] = 0;
    return 1;
}

/* The smallest period of column j of this orbit, or 0. */
static int period_of(double orbit[WATCH + 1][DIMENSION][WIDTH], int j, double bound) {
    for (int p = 2; p <= LONGEST_PERIOD; p++) {
        int back = 1;
        for (int i = WATCH; back && i >= p; i--)
            for (int c = 0; c < DIMENSION; c++)
                back &= fabs(orbit[i][c][j] - orbit[i - p][c][j]) <= bound;
        if (back) return p;
    }
    return 0;
}

/* Follow the lanes that have reached max_iter for WATCH steps more, and record their verdicts. */
static void watch(Problem *p, Lanes *late) {
    if (!late->n) return;
    static _Thread_local double orbit[WATCH + 1][DIMENSION][WIDTH];
    double low[DIMENSION][WIDTH], high[DIMENSION][WIDTH];
    memcpy(orbit[0], late->x, sizeof late->x);
    memcpy(low, late->x, sizeof low);
    memcpy(high, late->x, sizeof high);
    for (int k = 0; k < WATCH; k++) ABREAST {
        SLOPES(orbit[k], j, slope)
        for (int c = 0; c < DIMENSION; c++) {
            double new = orbit[k][c][j] - late->alpha[j] * slope[c];
            orbit[k + 1][c][j] = new;
            low[c][j] = lesser(new, low[c][j]);
            high[c][j] = greater(new, high[c][j]);
        }
    }
    for (int j = 0; j < late->n; j++) {
        double extent = 0;
        int finite = 1; /* once not finite, an iterate stays so */
        for (int c = 0; c < DIMENSION; c++) {
            extent = greater(high[c][j] - low[c][j], extent);
            finite &= isfinite(orbit[WATCH][c][j]) && isfinite(extent);
        }
        int period = finite && extent > 0 ? period_of(orbit, j, RETURN * extent) : 0;
        record(p, late, j, period ? CYCLING : MAX_ITER, period);
    }
    late->n = 0;
}

/* Repeat the suspects' strides with the exact tests at every step, and record their verdicts. */
static void settle(Problem *p, Worker *w) {
    Lanes *s = &w->suspects;
    int64_t open[WIDTH], met[WIDTH], any;
    const double tol = p->tol, escape = p->escape;
    const int64_t max_iter = p->max_iter;
    for (int j = 0; j < WIDTH; j++) open[j] = j < s->n, met[j] = 0;
    do {
        any = 0;
#pragma omp simd reduction(| : any)
        for (int j = 0; j < WIDTH; j++) {
            double square = 0, distance = 0;
            int64_t inside = 1;
            SLOPES(s->x, j, slope)
            for (int c = 0; c < DIMENSION; c++) {
                double before = s->x[c][j], new = before - s->alpha[j] * slope[c];
                distance = new - before;
                square += distance * distance;
                inside &= fabs(new) <= escape;
                s->x[c][j] = open[j] ? new : before;
            }
            double step = DIMENSION == 1 ? fabs(distance) : sqrt(square);
            s->k[j] += open[j];
            met[j] |= open[j] & inside & (step < tol);
            open[j] &= inside & !met[j] & (s->k[j] < max_iter);
            any |= open[j];
        }
    } while (any);
    for (int j = 0; j < s->n; j++) {
        int inside = 1;
        for (int c = 0; c < DIMENSION; c++) inside &= fabs(s->x[c][j]) <= escape;
        if (met[j] || !inside) {
            record(p, s, j, met[j] ? CONVERGED : DIVERGED, 0);
        } else {
            move(s, j, &w->late, w->late.n);
            if (++w->late.n == WIDTH) watch(p, &w->late);
        }
    }
    s->n = 0;
}

/* Take STRIDE steps with the whole pool; say which lanes may have got their verdict on the way. */
static inline void stride(const Problem *p, Lanes *pool, uint8_t suspect[WIDTH]) {
    double shortest[WIDTH], largest[WIDTH];
    ABREAST shortest[j] = INFINITY, largest[j] = 0;
    for (int k = 0; k < STRIDE; k++) ABREAST {
        double square = 0, distance = 0, reach = largest[j];
        SLOPES(pool->x, j, slope)
        for (int c = 0; c < DIMENSION; c++) {
            double new = pool->x[c][j] - pool->alpha[j] * slope[c];
            distance = new - pool->x[c][j];
            square += distance * distance;
            reach = greater(fabs(new), reach);
            pool->x[c][j] = new;
        }
        shortest[j] = lesser(DIMENSION == 1 ? fabs(distance) : square, shortest[j]);
        largest[j] = reach;
    }
    /* a square may round a little above that of the tolerance, where its root is still below */
    const double bound = DIMENSION == 1 ? p->tol : p->tol * p->tol * (1 + 1e-12);
    const double escape = p->escape;
    const int64_t max_iter = p->max_iter;
    ABREAST {
        /* NaN passes by the comparisons of `largest`, but stays to the end of the stride */
        int inside = largest[j] <= escape;
        for (int c = 0; c < DIMENSION; c++) inside &= fabs(pool->x[c][j]) <= escape;
        pool->k[j] += STRIDE;
        suspect[j] = !inside | (shortest[j] < bound) | (pool->k[j] >= max_iter);
    }
}

/* Follow lanes until none waits. */
static void work(Problem *p) {
    Worker w = {.next = 0, .end = 0};
    Lanes *pool = &w.pool, *suspects = &w.suspects;
    while (pool->n < WIDTH && begin(p, &w, pool->n)) pool->n++;
    while (pool->n) {
        double before[DIMENSION][WIDTH];
        uint8_t suspect[WIDTH];
        memcpy(before, pool->x, sizeof before);
        stride(p, pool, suspect);
        for (int first = 0; first < pool->n; first += 8) {
            uint64_t some;
            memcpy(&some, suspect + first, 8);
            if (!some) continue;
            for (int j = first; j < first + 8; j++) {
                while (suspect[j] && j < pool->n) {
                    int s = suspects->n++;
                    move(pool, j, suspects, s);
                    for (int c = 0; c < DIMENSION; c++) suspects->x[c][s] = before[c][j];
                    suspects->k[s] -= STRIDE;
                    if (suspects->n == WIDTH) settle(p, &w);
                    if (begin(p, &w, j)) break;
                    int last = --pool->n;
                    move(pool, last, pool, j);
                    for (int c = 0; c < DIMENSION; c++) before[c][j] = before[c][last];
                    suspect[j] = suspect[last];
                }
            }
        }
    }
    settle(p, &w);
    watch(p, &w.late);
}

/* alpha, steps, status, period: (n). x0, x: (DIMENSION, n). */
void descend(int64_t n, const double *alpha, const double *x0, double tol, double escape,
             int32_t max_iter, int32_t *steps, int8_t *status, int16_t *period, double *x) {
    Problem p = {alpha, x0, n, tol, escape, max_iter, steps, status, period, x, 0};
#pragma omp parallel
    work(&p);
}
