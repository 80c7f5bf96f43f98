import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { CUDA_LIBRARIES } from '../../../trainer/backend/cuda.ts'
import { compiled } from './tiny-wheel.ts'

/**
 * In the place of NVIDIA's driver, which no machine without a GPU has: the functions the probe calls, answering as the
 * test's environment says.
 */
const DRIVER = `
#include <cstdlib>
#include <cstring>
static int number(const char* name, int otherwise) { const char* v = getenv(name); return v ? atoi(v) : otherwise; }
extern "C" {
int cuDriverGetVersion(int* v) { *v = number("FAKE_DRIVER", 12040); return 0; }
int cuInit(unsigned) { return number("FAKE_INIT", 0); }
int cuGetErrorName(int, const char** name) { *name = getenv("FAKE_ERROR"); return 0; }
int cuDeviceGetCount(int* n) { *n = number("FAKE_COUNT", 1); return 0; }
int cuDeviceGetName(char* name, int length, int) { strncpy(name, "NVIDIA Test 1", length); return 0; }
int cuDeviceGetAttribute(int* v, int which, int) { *v = which == 75 ? number("FAKE_MAJOR", 9) : 0; return 0; }
int cuDeviceTotalMem_v2(size_t* bytes, int) { *bytes = 85899345920; return 0; }
}
`

/** Puts the stand-in for libcuda.so.1 into a folder, for LD_LIBRARY_PATH. */
export function layDriver(folder: string): void {
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'libcuda.so.1'), compiled(DRIVER, 'libcuda.so.1'))
}

/** Puts an empty library under the name of each of CUDA's. */
export function layCudaLibraries(folder: string): void {
  writeFileSync(join(folder, 'empty.so'), compiled('', 'empty.so'))
  for (const name of CUDA_LIBRARIES) symlinkSync('empty.so', join(folder, name))
}
