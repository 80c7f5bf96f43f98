// Asks, without TensorFlow, what a GPU needs: the driver, its devices, and each CUDA library by name (the arguments),
// looked for where libtensorflow looks (the same RUNPATH). One line each, fields parted by tabs:
//
//     library  NAME                                loaded
//     missing  NAME  why the loader refused
//     driver   12040                               the CUDA release the driver speaks, times 1000
//     nodriver why                                 libcuda.so.1 can't be loaded
//     error    100  CUDA_ERROR_NO_DEVICE           the driver's own word
//     device   9.0  85899345920  NVIDIA H100       compute capability, bytes, name

#include <dlfcn.h>
#include <cstdio>

namespace {

// The CUDA driver API's numbers for two attributes of a device.
constexpr int kComputeCapabilityMajor = 75;
constexpr int kComputeCapabilityMinor = 76;

template <typename Function>
Function find(void* library, const char* name) {
  return reinterpret_cast<Function>(dlsym(library, name));
}

int refused(void* driver, int status) {
  const char* name = nullptr;
  auto error_name = find<int (*)(int, const char**)>(driver, "cuGetErrorName");
  if (error_name) error_name(status, &name);
  std::printf("error\t%d\t%s\n", status, name ? name : "unknown");
  return 0;
}

int ask_driver() {
  void* driver = dlopen("libcuda.so.1", RTLD_NOW);
  if (!driver) {
    std::printf("nodriver\t%s\n", dlerror());
    return 0;
  }
  auto version = find<int (*)(int*)>(driver, "cuDriverGetVersion");
  auto init = find<int (*)(unsigned)>(driver, "cuInit");
  auto count = find<int (*)(int*)>(driver, "cuDeviceGetCount");
  auto name = find<int (*)(char*, int, int)>(driver, "cuDeviceGetName");
  auto attribute = find<int (*)(int*, int, int)>(driver, "cuDeviceGetAttribute");
  auto memory = find<int (*)(size_t*, int)>(driver, "cuDeviceTotalMem_v2");
  if (!version || !init || !count || !name || !attribute || !memory) {
    std::printf("nodriver\tlibcuda.so.1 lacks functions of the CUDA driver API\n");
    return 0;
  }
  int speaks = 0;
  if (version(&speaks) == 0) std::printf("driver\t%d\n", speaks);
  int status = init(0);
  if (status != 0) return refused(driver, status);
  int devices = 0;
  status = count(&devices);
  if (status != 0) return refused(driver, status);
  for (int at = 0; at < devices; at++) {
    char label[256] = "";
    int major = 0, minor = 0;
    size_t bytes = 0;
    name(label, sizeof label, at);
    attribute(&major, kComputeCapabilityMajor, at);
    attribute(&minor, kComputeCapabilityMinor, at);
    memory(&bytes, at);
    std::printf("device\t%d.%d\t%zu\t%s\n", major, minor, bytes, label);
  }
  return 0;
}

}  // namespace

int main(int count, char** names) {
  for (int at = 1; at < count; at++) {
    if (dlopen(names[at], RTLD_LAZY)) std::printf("library\t%s\n", names[at]);
    else std::printf("missing\t%s\t%s\n", names[at], dlerror());
  }
  return ask_driver();
}
