// SPDX-License-Identifier: MIT
// Runs a fuzz target over files: a corpus, or an input that failed. For compilers without
// libFuzzer.
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>
#include <vector>

// The name is libFuzzer's. NOLINTNEXTLINE(readability-identifier-naming)
extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* bytes, std::size_t size);

namespace {

void replay(std::filesystem::path const& path) {
  // A target ends the program when something is wrong: then the last name is that of the input.
  std::cout << path.filename().string() << std::endl;
  std::ifstream file(path, std::ios::binary);
  std::vector<char> const text{std::istreambuf_iterator<char>(file), {}};
  std::vector<std::uint8_t> const bytes(text.begin(), text.end());
  LLVMFuzzerTestOneInput(bytes.data(), bytes.size());
}

}  // namespace

int main(int argc, char** argv) {
  std::size_t count = 0;
  for (int i = 1; i < argc; ++i) {
    if (!std::filesystem::is_directory(argv[i])) {
      replay(argv[i]);
      ++count;
      continue;
    }
    for (auto const& entry : std::filesystem::directory_iterator(argv[i])) {
      replay(entry.path());
      ++count;
    }
  }
  std::cout << count << " inputs" << std::endl;
  return count == 0 ? 1 : 0;
}
