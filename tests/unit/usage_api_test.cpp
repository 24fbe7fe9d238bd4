// SPDX-License-Identifier: MIT
// Names of interfaces, and what an address says.
#include "support/catch.hpp"
#include <netrun/llm/api.hpp>
#include <netrun/llm/price_book.hpp>

#include <array>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#if defined(__has_include)
#if __has_include(<nlohmann/json.hpp>)
#define NETRUN_LLM_TEST_HAS_JSON 1
#include <nlohmann/json.hpp>
#endif
#endif

namespace netrun::llm {
namespace {

struct Address {
  std::string url;
  Api api;
};

struct Named {
  std::string url, model;
};

std::string model_of(std::string_view url) {
  std::array<char, 256> buffer{};
  return std::string(model_in_url(url, buffer));
}

std::vector<Api> all_apis() {
  std::vector<Api> apis;
  for (std::size_t i = 0; i < api_count; ++i) apis.push_back(static_cast<Api>(i));
  return apis;
}

void check_guesses(std::vector<Address> const& addresses) {
  for (auto const& [url, api] : addresses) {
    INFO(url);
    CHECK(to_string(guess_api(url)) == to_string(api));
  }
}

TEST_CASE("api: every name is read back", "[usage][api]") {
  std::set<std::string_view> names;
  for (auto const api : all_apis()) {
    INFO(to_string(api));
    CHECK(parse_api(to_string(api)) == api);
    CHECK(names.insert(to_string(api)).second);
  }
}

TEST_CASE("api: names are as recorded bodies call them", "[usage][api]") {
  CHECK(to_string(Api::automatic) == "auto");
  CHECK(to_string(Api::openai_chat) == "openai.chat");
  CHECK(to_string(Api::azure_ai_chat) == "azure_ai.chat");
  CHECK(to_string(Api::bedrock_converse_stream) == "bedrock.converse_stream");
  CHECK(to_string(Api::cohere_rerank) == "cohere.v2rerank");
  CHECK(to_string(Api::vllm_embeddings) == "vllm.embeddings");
}

TEST_CASE("api: a number that is none is unknown and has no provider", "[usage][api]") {
  auto const number = GENERATE(as<std::size_t>{}, api_count, 255);
  CHECK(to_string(static_cast<Api>(number)) == "unknown");
  CHECK(provider_of(static_cast<Api>(number)).empty());
}

TEST_CASE("api: case and separators of a name do not matter", "[usage][api]") {
  CHECK(parse_api("OpenAI.Chat") == Api::openai_chat);
  CHECK(parse_api("openai_chat") == Api::openai_chat);
  CHECK(parse_api("bedrock.converse-stream") == Api::bedrock_converse_stream);
  CHECK(parse_api("llama.cpp.chat") == Api::llamacpp_chat);
  CHECK(parse_api("llama_cpp.chat") == Api::llamacpp_chat);
  CHECK(parse_api("cohere.v2.chat") == Api::cohere_chat);
  CHECK(parse_api("azure.ai.chat") == Api::azure_ai_chat);
}

TEST_CASE("api: names that people use are understood", "[usage][api]") {
  CHECK(parse_api("automatic") == Api::automatic);
  CHECK(parse_api("azure_openai.chat") == Api::azure_chat);
  CHECK(parse_api("azure.openai.chat") == Api::azure_chat);
  CHECK(parse_api("cohere.chat") == Api::cohere_chat);
  CHECK(parse_api("google.generate") == Api::gemini_generate);
  CHECK(parse_api("gemini.generateContent") == Api::gemini_generate);
  CHECK(parse_api("gemini") == Api::gemini_generate);
  CHECK(parse_api("anthropic") == Api::anthropic_messages);
  CHECK(parse_api("Claude") == Api::anthropic_messages);
  CHECK(parse_api("bedrock.invoke_model_with_response_stream") == Api::bedrock_invoke_stream);
}

TEST_CASE("api: other names are none", "[usage][api]") {
  auto const name = GENERATE(as<std::string>{}, "", ".", "...", "openai.", ".openai",
                             "openai.chats", "openai.cha", "openai chat", "unknown", "gpt-4o",
                             "openai/chat", std::string("openai.chat\0", 12), std::string(1, '\0'));
  INFO(name);
  CHECK(parse_api(name) == std::nullopt);
}

TEST_CASE("api: providers are those of the price book, where it has them", "[usage][api]") {
  PriceBook const book;
  for (auto const api : all_apis()) {
    INFO(to_string(api));
    CHECK(provider_of(api).empty() == (api == Api::automatic));
    if (api == Api::automatic || provider_of(api) == "llamacpp" || provider_of(api) == "vllm") {
      continue;
    }
    auto const bill = book.itemize(provider_of(api), "no-such-model", {.input_tokens = 1}, {});
    CHECK(bill.quote.problem != PriceProblem::unknown_provider);
  }
}

TEST_CASE("api: hosts tell providers with the same paths apart", "[usage][api]") {
  check_guesses({
      {"https://api.openai.com/v1/chat/completions", Api::openai_chat},
      {"https://eu.api.openai.com/v1/responses", Api::openai_responses},
      {"https://api.mistral.ai/v1/chat/completions", Api::mistral_chat},
      {"https://codestral.mistral.ai/v1/fim/completions", Api::mistral_chat},
      {"https://api.mistral.ai/v1/embeddings", Api::mistral_embeddings},
      {"https://api.deepseek.com/beta/completions", Api::deepseek_chat},
      {"https://api.x.ai/v1/chat/completions", Api::xai_chat},
      {"https://us-east-1.api.x.ai/v1/responses", Api::xai_responses},
      {"https://api.groq.com/openai/v1/responses", Api::groq_responses},
      {"https://api.together.xyz/v1/completions", Api::together_completions},
      {"https://api.fireworks.ai/inference/v1/chat/completions", Api::fireworks_chat},
      {"https://api.fireworks.ai/inference/v1/completions", Api::fireworks_completions},
      {"https://openrouter.ai/api/v1/responses", Api::openrouter_responses},
      {"https://api.perplexity.ai/chat/completions", Api::perplexity_chat},
      {"https://api.cerebras.ai/v1/chat/completions", Api::cerebras_chat},
      {"https://api.cohere.ai/v1/embed", Api::cohere_embed},
      {"http://127.0.0.1:11434/v1/completions", Api::ollama_openai},
      {"http://[::1]:11434/v1/chat/completions", Api::ollama_openai},
      {"http://localhost:11434/api/embed", Api::ollama_embed},
  });
}

TEST_CASE("api: Azure's parts are told apart", "[usage][api]") {
  check_guesses({
      {"https://r.openai.azure.com/openai/deployments/d/completions?api-version=1",
       Api::azure_completions},
      {"https://r.openai.azure.com/openai/v1/chat/completions", Api::azure_chat},
      {"https://r.openai.azure.com/openai/responses?api-version=preview", Api::azure_responses},
      {"https://r.cognitiveservices.azure.com/openai/deployments/d/embeddings",
       Api::azure_embeddings},
      {"https://r.services.ai.azure.com/openai/v1/responses", Api::azure_responses},
      {"https://r.services.ai.azure.com/api/projects/p/openai/v1/responses", Api::azure_responses},
      {"https://r.services.ai.azure.com/openai/v1/responses/compact", Api::azure_responses},
      {"https://r.services.ai.azure.com/models/chat/completions", Api::azure_ai_chat},
      {"https://r.services.ai.azure.com/models/embeddings", Api::azure_ai_embeddings},
      {"https://r.cognitiveservices.azure.com/models/chat/completions", Api::azure_ai_chat},
      {"https://m.eastus2.models.ai.azure.com/chat/completions", Api::azure_ai_chat},
      {"https://r.services.ai.azure.com/anthropic/v1/messages", Api::anthropic_messages},
      {"https://gateway.example/openai/deployments/d/chat/completions", Api::azure_chat},
  });
}

TEST_CASE("api: Gemini, Vertex and Bedrock are told by their paths", "[usage][api]") {
  std::string const vertex = "https://aiplatform.eu.rep.googleapis.com/v1/projects/p/locations/eu/";
  check_guesses({
      {"https://generativelanguage.googleapis.com/v1beta/tunedModels/m:streamGenerateContent",
       Api::gemini_generate},
      {"https://generativelanguage.googleapis.com/v1/models/m:batchEmbedContents",
       Api::gemini_embed},
      {"https://generativelanguage.googleapis.com/v1beta/openai/chat/completions",
       Api::openai_chat},
      {"https://proxy.example/v1beta/models/m%3AgenerateContent", Api::gemini_generate},
      {"https://proxy.example/v1/projects/p/locations/l/publishers/google/models/m:generateContent",
       Api::vertex_generate},
      {vertex + "endpoints/1:generateContent", Api::vertex_generate},
      {vertex + "publishers/google/models/text-embedding-005:predict", Api::vertex_embed},
      {vertex + "publishers/google/models/imagen-4:predict", Api::automatic},
      {vertex + "publishers/anthropic/models/claude:streamRawPredict", Api::vertex_anthropic},
      {vertex + "publishers/mistralai/models/m:rawPredict", Api::mistral_chat},
      {vertex + "endpoints/openapi/chat/completions", Api::openai_chat},
      {"https://bedrock-runtime.cn-north-1.amazonaws.com.cn/model/m/converse",
       Api::bedrock_converse},
      {"https://vpce-1.bedrock-runtime.us-east-1.vpce.amazonaws.com/model/m/invoke",
       Api::bedrock_invoke},
      {"https://proxy.example/aws/model/m%3A0/invoke-with-response-stream",
       Api::bedrock_invoke_stream},
      {"https://bedrock-runtime.us-west-2.amazonaws.com/openai/v1/chat/completions",
       Api::openai_chat},
  });
}

TEST_CASE("api: on a host that nobody knows the path decides", "[usage][api]") {
  check_guesses({
      {"http://gateway.example/llm/v1/chat/completions/", Api::openai_chat},
      {"http://gateway.example:8000/v1/completions#top", Api::openai_completions},
      {"http://gateway.example/v1/responses?stream=true", Api::openai_responses},
      {"http://gateway.example/v1/responses/resp_1", Api::openai_responses},
      {"http://gateway.example/v1/embeddings", Api::openai_embeddings},
      {"http://gateway.example/v1/messages", Api::anthropic_messages},
      {"http://gateway.example/v2/chat", Api::cohere_chat},
      {"http://gateway.example/v2/rerank", Api::cohere_rerank},
      {"http://gateway.example/api/chat", Api::ollama_chat},
      {"http://gateway.example/api/generate", Api::ollama_generate},
      {"http://gateway.example/api/embed", Api::ollama_embed},
      {"http://localhost:8080/completion", Api::llamacpp_completion},
      {"/v1/chat/completions", Api::openai_chat},
      {"api.groq.com/openai/v1/chat/completions", Api::groq_chat},
      {"HTTPS://user:secret@API.GROQ.COM.:443/OpenAI/v1/Chat/Completions", Api::groq_chat},
  });
}

TEST_CASE("api: shape decides where a provider speaks like another", "[usage][api]") {
  check_guesses({
      {"https://api.x.ai/v1/messages", Api::anthropic_messages},
      {"https://api.deepseek.com/anthropic/v1/messages", Api::anthropic_messages},
      {"https://openrouter.ai/api/v1/messages", Api::anthropic_messages},
      {"http://localhost:11434/v1/messages", Api::anthropic_messages},
      {"https://api.anthropic.com/v1/chat/completions", Api::openai_chat},
      {"https://api.cohere.com/compatibility/v1/chat/completions", Api::openai_chat},
  });
}

TEST_CASE("api: what an address does not say is not guessed", "[usage][api]") {
  auto const url = GENERATE(
      as<std::string>{}, "", "/", "https://", "https://api.openai.com", "https://api.openai.com/v1",
      "https://api.openai.com/v1/threads/t/messages", "https://api.anthropic.com/v1/models",
      "https://api.anthropic.com/v1/messages/count_tokens",
      "https://api.openai.com/v1/responses/input_tokens",
      "https://generativelanguage.googleapis.com/v1beta/models/m:countTokens",
      "https://bedrock-runtime.us-east-1.amazonaws.com/converse",
      "https://a.example/?next=/v1/chat/completions", "https://a.example/#/v1/messages",
      "https://a.example/nochat/completionsx", "https://a.example/v1/xmessages");
  INFO(url);
  CHECK(to_string(guess_api(url)) == "auto");
}

TEST_CASE("api: a host that only looks like a provider's is none", "[usage][api]") {
  check_guesses({
      {"https://api.groq.com.evil.example/v1/chat/completions", Api::openai_chat},
      {"https://notopenrouter.ai/v1/chat/completions", Api::openai_chat},
      {"https://api.groq.com@evil.example/v1/chat/completions", Api::openai_chat},
      {"https://evil.example/api.groq.com/v1/chat/completions", Api::openai_chat},
      {"https://evil.example?https://api.groq.com/v1/chat/completions", Api::automatic},
      {"https://evilopenai.azure.com/openai/v1/chat/completions", Api::openai_chat},
  });
}

TEST_CASE("api: models in addresses are decoded", "[usage][api]") {
  auto const named = GENERATE(values<Named>({
      {"https://bedrock-runtime.us-east-1.amazonaws.com/model/us.anthropic.claude-v1%3A0/converse",
       "us.anthropic.claude-v1:0"},
      {"https://b.example/model/eu.anthropic.claude-v1:0/invoke", "eu.anthropic.claude-v1:0"},
      {"https://b.example/model/arn%3Aaws%3Abedrock%3Aus-east-1%3A1%3Ainference-profile%2Fus.m/"
       "converse-stream",
       "arn:aws:bedrock:us-east-1:1:inference-profile/us.m"},
      {"https://b.example/model/arn:aws:bedrock:us-east-1:1:inference-profile/us.m/converse",
       "arn:aws:bedrock:us-east-1:1:inference-profile/us.m"},
      {"https://generativelanguage.googleapis.com/v1beta/models/gemini-2.5-flash:generateContent",
       "gemini-2.5-flash"},
      {"https://g.example/v1beta/models/gemini-2.5-flash%3AstreamGenerateContent?alt=sse",
       "gemini-2.5-flash"},
      {"https://g.example/v1beta/tunedModels/mine-1:generateContent", "tunedModels/mine-1"},
      {"https://v.example/v1/projects/p/locations/l/publishers/anthropic/models/"
       "claude-sonnet-4%4020250514:rawPredict",
       "claude-sonnet-4@20250514"},
      {"https://r.openai.azure.com/openai/deployments/my%20gpt/chat/completions", "my gpt"},
      {"https://b.example/model/100%25%/converse", "100%%"},
      {"https://b.example/model/%zz%4/converse", "%zz%4"},
      {"https://b.example/model/%c3%a9/converse", "\xc3\xa9"},
  }));
  INFO(named.url);
  CHECK(model_of(named.url) == named.model);
}

TEST_CASE("api: most addresses name no model", "[usage][api]") {
  auto const url = GENERATE(
      as<std::string>{}, "", "https://api.openai.com/v1/chat/completions",
      "https://b.example/model//converse", "https://b.example/model/m",
      "https://b.example/model/m/other", "https://v.example/v1/endpoints/1:generateContent",
      "https://r.openai.azure.com/openai/v1/chat/completions", "models/:generateContent",
      "/x:generateContent", "x:generateContent", "https://a.example/deployments/d/chat");
  INFO(url);
  CHECK(model_of(url).empty());
}

TEST_CASE("api: a long model is cut at 255 bytes, between characters", "[usage][api]") {
  std::array<char, 256> buffer{};
  buffer.back() = '!';
  auto const cut = [&](std::string const& model) {
    return model_in_url("/model/" + model + "/converse", buffer).size();
  };
  CHECK(cut(std::string(255, 'm')) == 255);
  CHECK(cut(std::string(100'000, 'm')) == 255);
  CHECK(cut(std::string(253, 'm') + "%c3%a9m") == 255);
  CHECK(cut(std::string(254, 'm') + "%C3%A9m") == 254);
  CHECK(cut(std::string(252, 'm') + "\xf0\x9f\x98\x80") == 252);
  std::string escapes;
  for (int i = 0; i < 300; ++i) escapes += "%80";
  CHECK(cut(escapes) >= 252);
  CHECK(buffer.back() == '!');
}

TEST_CASE("api: any bytes may come as an address or a name", "[usage][api]") {
  std::vector<std::string> const pieces{"https://",
                                        "/",
                                        "//",
                                        ":",
                                        "@",
                                        "%",
                                        "%3",
                                        "%3A",
                                        "?",
                                        "#",
                                        "[",
                                        "]",
                                        ".",
                                        "model",
                                        "models",
                                        "/model/",
                                        "converse",
                                        "/openai/",
                                        "v1",
                                        "chat",
                                        std::string(1, '\0'),
                                        "publishers",
                                        "deployments/",
                                        "\xff",
                                        "responses",
                                        "resp_",
                                        "/invoke",
                                        ":predict",
                                        "-",
                                        "api",
                                        "messages",
                                        "embed"};
  std::mt19937_64 random(7);  // NOLINT: the same addresses each time
  for (int round = 0; round < 20'000; ++round) {
    std::string text;
    for (auto left = random() % 12; left > 0; --left) text += pieces[random() % pieces.size()];
    // On the heap and without an end, so that a sanitizer sees a byte too many.
    auto const bytes = std::make_unique<char[]>(text.size());
    text.copy(bytes.get(), text.size());
    std::string_view const url(bytes.get(), text.size());
    std::array<char, 256> buffer{};
    auto const api = guess_api(url);
    auto const model = model_in_url(url, buffer);
    auto const parsed = parse_api(url);
    bool const fine = static_cast<std::size_t>(api) < api_count && model.size() <= text.size() &&
                      (!parsed || static_cast<std::size_t>(*parsed) < api_count);
    if (!fine) FAIL("at round " << round << ": " << text);
  }
}

TEST_CASE("api: a long address is read in a moment", "[usage][api]") {
  auto const piece = GENERATE(as<std::string>{}, "/", "/model/", "/openai/", ":", "%3A", "embed",
                              "/publishers/a", "/models", "a");
  std::string url = "https://r.openai.azure.com";
  while (url.size() < 400'000) url += piece;
  CHECK(static_cast<std::size_t>(guess_api(url)) < api_count);
  CHECK(static_cast<std::size_t>(guess_api(url + ":predict")) < api_count);
  CHECK(model_of(url).size() <= 255);
}

#if defined(NETRUN_LLM_TEST_HAS_JSON)

/// What the address of a recorded call can say: a vLLM of one's own looks like any other server.
std::string seen_from_outside(std::string name) {
  return name.starts_with("vllm.") ? "openai" + name.substr(name.find('.')) : name;
}

TEST_CASE("api: addresses of recorded calls tell interface and model", "[usage][api]") {
  auto const directory = std::filesystem::path(NETRUN_LLM_SHARED_DIR) / "facts/payloads/cases";
  if (!std::filesystem::exists(directory)) SKIP_TEST("no shared folder with facts/payloads/cases");
  std::size_t cases = 0;
  for (auto const& entry : std::filesystem::directory_iterator(directory)) {
    std::ifstream file(entry.path());
    auto const recorded = nlohmann::json::parse(file);
    auto const name = recorded["api"].get<std::string>();
    auto const url = recorded["request_uri"].get<std::string>();
    INFO(entry.path() << " " << url);
    auto const parsed = parse_api(name);
    REQUIRE(parsed.has_value());
    CHECK(to_string(*parsed) == name);
    CHECK(to_string(guess_api(url)) == seen_from_outside(name));
    if (recorded["expected"].contains("request_model")) {
      CHECK(model_of(url) == recorded["expected"]["request_model"].get<std::string>());
    }
    ++cases;
  }
  CHECK(cases > 50);
}

#endif

}  // namespace
}  // namespace netrun::llm
