/* A decoder as plain loops in float32: what a C programmer writes in an afternoon, and the compiler makes fast. Llama and GPT-2.
   Tensors come in the order of TensorPlan.cs, matrices as [outputs, inputs]; queries and keys turn by halves of a head. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct { int gpt2, width, layers, heads, kv_heads, hidden, vocabulary, window, threads; float epsilon, theta; } sizes;
typedef struct { sizes s; const float **w; float *x, *n, *q, *o, *g, *u, *scores, *keys, *values, *logits, *turns; } decoder;

static void product(float *out, const float *x, const float *w, const float *bias, int inputs, int outputs, int threads) {
    (void)threads; /* without OpenMP nobody asks */
    #pragma omp parallel for num_threads(threads) if (threads > 1)
    for (int i = 0; i < outputs; i++) {
        const float *row = w + (size_t)i * inputs;
        float sum = 0;
        for (int j = 0; j < inputs; j++) sum += row[j] * x[j];
        out[i] = bias ? sum + bias[i] : sum;
    }
}

static void rms_norm(float *out, const float *x, const float *gain, int n, float epsilon) {
    float sum = 0;
    for (int i = 0; i < n; i++) sum += x[i] * x[i];
    float scale = 1 / sqrtf(sum / n + epsilon);
    for (int i = 0; i < n; i++) out[i] = x[i] * scale * gain[i];
}

static void layer_norm(float *out, const float *x, const float *gain, const float *bias, int n, float epsilon) {
    float sum = 0, square = 0;
    for (int i = 0; i < n; i++) sum += x[i];
    float mean = sum / n;
    for (int i = 0; i < n; i++) square += (x[i] - mean) * (x[i] - mean);
    float scale = 1 / sqrtf(square / n + epsilon);
    for (int i = 0; i < n; i++) out[i] = (x[i] - mean) * scale * gain[i] + bias[i];
}

static void rotate(float *x, const float *turns, int heads, int dim) {
    for (int h = 0; h < heads; h++, x += dim)
        for (int i = 0; i < dim / 2; i++) {
            float a = x[i], b = x[i + dim / 2], c = turns[2 * i], s = turns[2 * i + 1];
            x[i] = a * c - b * s;
            x[i + dim / 2] = a * s + b * c;
        }
}

static void attend(decoder *d, int layer, int position) {
    int dim = d->s.width / d->s.heads, kv = dim * d->s.kv_heads, group = d->s.heads / d->s.kv_heads;
    size_t first = (size_t)layer * d->s.window * kv;
    #pragma omp parallel for num_threads(d->s.threads) if (d->s.threads > 1)
    for (int h = 0; h < d->s.heads; h++) {
        const float *q = d->q + h * dim, *k = d->keys + first + h / group * dim, *v = d->values + first + h / group * dim;
        float *o = d->o + h * dim, *scores = d->scores + (size_t)h * d->s.window, most = -3e38f, sum = 0, scale = 1 / sqrtf(dim);
        for (int t = 0; t <= position; t++) {
            float dot = 0;
            for (int i = 0; i < dim; i++) dot += q[i] * k[(size_t)t * kv + i];
            scores[t] = dot * scale;
            if (scores[t] > most) most = scores[t];
        }
        for (int t = 0; t <= position; t++) sum += scores[t] = expf(scores[t] - most);
        memset(o, 0, dim * sizeof(float));
        for (int t = 0; t <= position; t++) {
            float weight = scores[t] / sum;
            for (int i = 0; i < dim; i++) o[i] += weight * v[(size_t)t * kv + i];
        }
    }
}

static void llama_layer(decoder *d, const float **w, int layer, int position) {
    sizes *s = &d->s;
    int dim = s->width / s->heads, kv = dim * s->kv_heads;
    size_t at = ((size_t)layer * s->window + position) * kv;
    rms_norm(d->n, d->x, w[0], s->width, s->epsilon);
    product(d->q, d->n, w[1], 0, s->width, s->width, s->threads);
    product(d->keys + at, d->n, w[2], 0, s->width, kv, s->threads);
    product(d->values + at, d->n, w[3], 0, s->width, kv, s->threads);
    rotate(d->q, d->turns + (size_t)position * dim, s->heads, dim);
    rotate(d->keys + at, d->turns + (size_t)position * dim, s->kv_heads, dim);
    attend(d, layer, position);
    product(d->n, d->o, w[4], 0, s->width, s->width, s->threads);
    for (int i = 0; i < s->width; i++) d->x[i] += d->n[i];
    rms_norm(d->n, d->x, w[5], s->width, s->epsilon);
    product(d->g, d->n, w[6], 0, s->width, s->hidden, s->threads);
    product(d->u, d->n, w[7], 0, s->width, s->hidden, s->threads);
    for (int i = 0; i < s->hidden; i++) d->g[i] = d->g[i] / (1 + expf(-d->g[i])) * d->u[i];
    product(d->n, d->g, w[8], 0, s->hidden, s->width, s->threads);
    for (int i = 0; i < s->width; i++) d->x[i] += d->n[i];
}

static void gpt2_layer(decoder *d, const float **w, int layer, int position) {
    sizes *s = &d->s;
    size_t at = ((size_t)layer * s->window + position) * s->width, square = (size_t)s->width * s->width;
    layer_norm(d->n, d->x, w[0], w[1], s->width, s->epsilon);
    product(d->q, d->n, w[2], w[3], s->width, s->width, s->threads);
    product(d->keys + at, d->n, w[2] + square, w[3] + s->width, s->width, s->width, s->threads);
    product(d->values + at, d->n, w[2] + 2 * square, w[3] + 2 * s->width, s->width, s->width, s->threads);
    attend(d, layer, position);
    product(d->n, d->o, w[4], w[5], s->width, s->width, s->threads);
    for (int i = 0; i < s->width; i++) d->x[i] += d->n[i];
    layer_norm(d->n, d->x, w[6], w[7], s->width, s->epsilon);
    product(d->g, d->n, w[8], w[9], s->width, s->hidden, s->threads);
    for (int i = 0; i < s->hidden; i++) {
        float x = d->g[i];
        d->g[i] = 0.5f * x * (1 + tanhf(0.7978845608f * (x + 0.044715f * x * x * x)));
    }
    product(d->n, d->g, w[10], w[11], s->hidden, s->width, s->threads);
    for (int i = 0; i < s->width; i++) d->x[i] += d->n[i];
}

void decode_close(decoder *d) {
    if (!d) return;
    free(d->w), free(d->x), free(d->n), free(d->q), free(d->o), free(d->g), free(d->u), free(d->scores), free(d->keys), free(d->values), free(d->logits), free(d->turns), free(d);
}

/* The tensors stay the caller's. Null: there is not so much memory. */
decoder *decode_open(const sizes *s, const float *const *tensors, int count) {
    decoder *d = calloc(1, sizeof *d);
    if (!d) return 0;
    int dim = s->width / s->heads;
    size_t cache = (size_t)s->layers * s->window * dim * s->kv_heads;
    d->s = *s;
    d->w = malloc(count * sizeof *tensors);
    float **all[] = { &d->x, &d->n, &d->q, &d->o, &d->g, &d->u, &d->scores, &d->keys, &d->values, &d->logits, &d->turns };
    size_t floats[] = { s->width, s->width, s->width, s->width, s->hidden, s->hidden, (size_t)s->heads * s->window, cache, cache, s->vocabulary, (size_t)s->window * dim };
    for (int i = 0; i < 11; i++)
        if (!d->w || !(*all[i] = calloc(floats[i], sizeof(float)))) return decode_close(d), (decoder *)0;
    memcpy(d->w, tensors, count * sizeof *tensors);
    for (int t = 0; t < s->window && !s->gpt2; t++)
        for (int i = 0; i < dim / 2; i++) {
            double angle = t * pow(s->theta, -2.0 * i / dim);
            d->turns[(size_t)t * dim + 2 * i] = cos(angle), d->turns[(size_t)t * dim + 2 * i + 1] = sin(angle);
        }
    return d;
}

/* One token at a position; the logits of the next, or none. */
const float *decode_step(decoder *d, int token, int position, int logits) {
    sizes *s = &d->s;
    int each = s->gpt2 ? 12 : 9;
    const float **last = d->w + s->layers * each, *embedding = last[s->gpt2 ? 2 : 1];
    memcpy(d->x, embedding + (size_t)token * s->width, s->width * sizeof(float));
    for (int i = 0; i < s->width && s->gpt2; i++) d->x[i] += last[3][(size_t)position * s->width + i];
    for (int layer = 0; layer < s->layers; layer++)
        if (s->gpt2) gpt2_layer(d, d->w + layer * each, layer, position);
        else llama_layer(d, d->w + layer * each, layer, position);
    if (!logits) return 0;
    if (s->gpt2) layer_norm(d->n, d->x, last[0], last[1], s->width, s->epsilon);
    else rms_norm(d->n, d->x, last[0], s->width, s->epsilon);
    product(d->logits, d->n, embedding, 0, s->width, s->vocabulary, s->threads);
    return d->logits;
}

/* Numbers in (-1, 1) as keys and values of all positions: what is measured at a position does not depend on which they are. */
void decode_fill(decoder *d) {
    size_t count = (size_t)d->s.layers * d->s.window * (d->s.width / d->s.heads) * d->s.kv_heads;
    unsigned state = 1;
    for (size_t i = 0; i < count; i++) {
        state = state * 1664525u + 1013904223u, d->keys[i] = (int)state / 2147483648.0f;
        state = state * 1664525u + 1013904223u, d->values[i] = (int)state / 2147483648.0f;
    }
}
