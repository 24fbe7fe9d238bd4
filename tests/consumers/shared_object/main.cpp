// SPDX-License-Identifier: MIT
// A program and its shared object must see one collector, however the library is linked into them.
#include <netrun/llm/telemetry.hpp>

#include <cstdio>

#if defined(PLUGIN_FILE)
#include <dlfcn.h>

static void* plugin_collector() {
  void* plugin = dlopen(PLUGIN_FILE, RTLD_NOW | RTLD_LOCAL);
  if (plugin == nullptr) {
    std::puts(dlerror());
    return nullptr;
  }
  return reinterpret_cast<void* (*)()>(dlsym(plugin, "plugin_collector"))();
}
#else
extern "C" void* plugin_collector();
#endif

int main() {
  auto& collector = netrun::llm::get_collector();
  void* const other = plugin_collector();
  std::printf("program %p, plugin %p\n", static_cast<void*>(&collector), other);
  return other == &collector && collector.get_stats("1h", "plugin").total_requests == 1 ? 0 : 1;
}
