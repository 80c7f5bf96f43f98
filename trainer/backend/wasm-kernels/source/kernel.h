// What every kernel here shares. A kernel is a function (arguments, chunk, worker): `arguments` is a struct in memory,
// `chunk` says which share of the work to do, and `worker` which thread does it, so that each has scratch of its own.
// There is no static data and no libc: the module lives in the memory of TensorFlow.js' own WebAssembly.
#pragma once
#include <stdint.h>
#include <wasm_simd128.h>

#define KERNEL(name) __attribute__((export_name(#name), visibility("default"))) void name

typedef v128_t f4; // four floats

#define LOAD(p) wasm_v128_load(p)
#define STORE(p, v) wasm_v128_store(p, v)
#define SPLAT(p) wasm_v128_load32_splat(p)
#define ZERO wasm_f32x4_const(0, 0, 0, 0)
#define MADD(sum, a, b) wasm_f32x4_add(sum, wasm_f32x4_mul(a, b))

static inline int least(int a, int b) { return a < b ? a : b; }
static inline int above(int count, int share) { return (count + share - 1) / share; }
