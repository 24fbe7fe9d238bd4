// SPDX-License-Identifier: MIT
// One whole body of each kind, for what must hold of all of them.
#pragma once

#include "support/responses.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace netrun::llm::testing {

struct Sample {
  Api api;
  std::string body;
};

inline void add_json_samples(std::vector<Sample>& samples) {
  samples.push_back(
      {Api::openai_chat,
       R"({"id":"chatcmpl-1","object":"chat.completion","model":"gpt-4o","choices":[{"index":0,)"
       R"("message":{"role":"assistant","content":"\u00e9 \ud83d\ude00"},"finish_reason":"stop"}],)"
       R"("usage":{"prompt_tokens":1210,"completion_tokens":345,"total_tokens":1555,)"
       R"("prompt_tokens_details":{"cached_tokens":1024},"completion_tokens_details":{)"
       R"("reasoning_tokens":128}},"service_tier":"default"})"});
  samples.push_back({Api::openai_embeddings,
                     R"({"object":"list","data":[{"object":"embedding","index":0,)"
                     R"("embedding":[-0.006,1.5e-3]}],"model":"text-embedding-3-small",)"
                     R"("usage":{"prompt_tokens":17,"total_tokens":17}})"});
  samples.push_back(
      {Api::openai_responses,
       R"({"id":"resp_1","object":"response","status":"completed","error":null,"model":"gpt-5",)"
       R"("output":[{"type":"web_search_call","id":"ws_1","status":"completed"}],"usage":{)"
       R"("input_tokens":2310,"input_tokens_details":{"cached_tokens":1280},)"
       R"("output_tokens":456,"output_tokens_details":{"reasoning_tokens":320},)"
       R"("total_tokens":2766}})"});
  samples.push_back(
      {Api::anthropic_messages,
       R"({"id":"msg_1","type":"message","role":"assistant","model":"claude-sonnet-4-5",)"
       R"("content":[{"type":"text","text":"Hi"}],"stop_reason":"end_turn","usage":{)"
       R"("input_tokens":213,"cache_creation_input_tokens":415,"cache_read_input_tokens":1617,)"
       R"("cache_creation":{"ephemeral_5m_input_tokens":115,"ephemeral_1h_input_tokens":300},)"
       R"("output_tokens":819,"service_tier":"standard","iterations":[{"type":"compaction",)"
       R"("input_tokens":2122,"output_tokens":232},{"type":"message","input_tokens":213,)"
       R"("output_tokens":819}]}})"});
  samples.push_back(
      {Api::gemini_generate,
       R"({"candidates":[{"content":{"parts":[{"text":"Hi"}],"role":"model"},"index":0,)"
       R"("finishReason":"STOP"}],"usageMetadata":{"promptTokenCount":1318,)"
       R"("candidatesTokenCount":521,"totalTokenCount":2039,"thoughtsTokenCount":200,)"
       R"("promptTokensDetails":[{"modality":"TEXT","tokenCount":1060},{"modality":"IMAGE",)"
       R"("tokenCount":258}]},"modelVersion":"gemini-2.5-flash","responseId":"r"})"});
  samples.push_back({Api::vertex_embed,
                     R"({"predictions":[{"embeddings":{"statistics":{"token_count":14},)"
                     R"("values":[0.1]}},{"embeddings":{"statistics":{"token_count":15},)"
                     R"("values":[0.1]}}]})"});
  samples.push_back(
      {Api::bedrock_converse,
       R"({"metrics":{"latencyMs":700},"output":{"message":{"content":[{"text":"Hi"}]}},)"
       R"("stopReason":"end_turn","usage":{"cacheDetails":[{"inputTokens":236,"ttl":"1h"}],)"
       R"("cacheReadInputTokens":1712,"cacheWriteInputTokens":236,"inputTokens":31,)"
       R"("outputTokens":121,"totalTokens":2100}})"});
  samples.push_back({Api::bedrock_invoke,
                     R"({"generation":"Hi","prompt_token_count":181,"generation_token_count":512,)"
                     R"("stop_reason":"stop"})"});
  samples.push_back(
      {Api::cohere_chat,
       R"({"id":"5a50","message":{"role":"assistant","content":[{"type":"text","text":"Hi"}]},)"
       R"("finish_reason":"COMPLETE","usage":{"billed_units":{"input_tokens":82.0,)"
       R"("output_tokens":54.0},"tokens":{"input_tokens":1394.0,"output_tokens":57.0},)"
       R"("cached_tokens":1360.0}})"});
  samples.push_back(
      {Api::ollama_chat,
       R"({"model":"llama3.2","message":{"role":"assistant","content":"Hi"},"done_reason":"stop",)"
       R"("done":true,"total_duration":48835,"prompt_eval_count":261,"eval_count":282})"});
  samples.push_back(
      {Api::llamacpp_completion,
       R"({"index":0,"content":"Hi","stop":true,"model":"qwen","tokens_predicted":64,)"
       R"("tokens_evaluated":163,"stop_type":"eos","timings":{"cache_n":12,"prompt_n":151,)"
       R"("predicted_n":64}})"});
}

inline void add_event_samples(std::vector<Sample>& samples) {
  samples.push_back(
      {Api::openai_chat,
       ": hello\n\n" +
           events({R"({"id":"c","object":"chat.completion.chunk","model":"gpt-4o","choices":[)"
                   R"({"index":0,"delta":{"role":"assistant","content":"Hi"},)"
                   R"("finish_reason":null}],"usage":null})",
                   R"({"id":"c","object":"chat.completion.chunk","model":"gpt-4o","choices":[)"
                   R"({"index":0,"delta":{},"finish_reason":"stop"}],"usage":null})",
                   R"({"id":"c","object":"chat.completion.chunk","model":"gpt-4o","choices":[],)"
                   R"("usage":{"prompt_tokens":1915,"completion_tokens":1016,)"
                   R"("total_tokens":2931,"prompt_tokens_details":{"cached_tokens":1792}}})",
                   "[DONE]"})});
  samples.push_back(
      {Api::openai_responses,
       named_events(
           {{"response.created", R"({"type":"response.created","response":{"id":"resp_1",)"
                                 R"("object":"response","status":"in_progress","usage":null}})"},
            {"response.completed",
             R"({"type":"response.completed","response":{"id":"resp_1",)"
             R"("object":"response","status":"completed","model":"gpt-5","usage":{)"
             R"("input_tokens":316,"input_tokens_details":{"cached_tokens":128},)"
             R"("output_tokens":145,"total_tokens":461}}})"}})});
  samples.push_back(
      {Api::anthropic_messages,
       named_events(
           {{"message_start", R"({"type":"message_start","message":{"id":"msg_1","type":"message",)"
                              R"("model":"claude-haiku-4-5","usage":{"input_tokens":141,)"
                              R"("cache_read_input_tokens":3011,"output_tokens":8}}})"},
            {"message_delta", R"({"type":"message_delta","delta":{"stop_reason":"end_turn"},)"
                              R"("usage":{"output_tokens":777}})"},
            {"message_stop", R"({"type":"message_stop"})"}})});
  samples.push_back(
      {Api::cohere_chat,
       named_events(
           {{"message-start", R"({"id":"29f1","type":"message-start","delta":{}})"},
            {"message-end", R"({"type":"message-end","delta":{"finish_reason":"COMPLETE","usage":{)"
                            R"("billed_units":{"input_tokens":31,"output_tokens":95},"tokens":{)"
                            R"("input_tokens":716,"output_tokens":117}}}})"}})});
}

inline void add_other_samples(std::vector<Sample>& samples) {
  samples.push_back(
      {Api::gemini_generate,
       R"([{"candidates":[{"content":{"parts":[{"text":"H"}]},"index":0}],"usageMetadata":{)"
       R"("promptTokenCount":918,"totalTokenCount":918}})"
       "\n,\r\n"
       R"({"candidates":[{"content":{"parts":[{"text":"i"}]},"index":0,"finishReason":"STOP"}],)"
       R"("usageMetadata":{"promptTokenCount":918,"candidatesTokenCount":521,)"
       R"("totalTokenCount":1439}})"
       "\n]"});
  samples.push_back(
      {Api::ollama_chat,
       lines({R"({"model":"m","message":{"role":"assistant","content":"Hi"},"done":false})",
              R"({"model":"m","message":{"role":"assistant","content":""},"done":true,)"
              R"("done_reason":"stop","prompt_eval_count":111,"eval_count":902})"})});
  samples.push_back(
      {Api::bedrock_converse_stream,
       event_frame("messageStart", R"({"role":"assistant"})") +
           event_frame("messageStop", R"({"stopReason":"end_turn"})") +
           event_frame("metadata", R"({"metrics":{"latencyMs":9},"usage":{"inputTokens":31,)"
                                   R"("outputTokens":288,"cacheReadInputTokens":2074,)"
                                   R"("totalTokens":2393}})")});
  samples.push_back(
      {Api::bedrock_invoke_stream,
       chunk_frame(R"({"outputText":"Hi","index":0,"totalOutputTextTokenCount":null,)"
                   R"("completionReason":null,"inputTextTokenCount":113})") +
           chunk_frame(R"({"outputText":"","index":0,"totalOutputTextTokenCount":128,)"
                       R"("completionReason":"FINISH","inputTextTokenCount":113,)"
                       R"("amazon-bedrock-invocationMetrics":{"inputTokenCount":113,)"
                       R"("outputTokenCount":128,"invocationLatency":9}})")});
}

inline std::vector<Sample> response_samples() {
  std::vector<Sample> samples;
  add_json_samples(samples);
  add_event_samples(samples);
  add_other_samples(samples);
  return samples;
}

}  // namespace netrun::llm::testing
