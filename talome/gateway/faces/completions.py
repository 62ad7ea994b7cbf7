"""OpenAI's older completions: a prompt that a chat model continues."""

from typing import Any, Final

from talome.core.errors import Invalid

Json = dict[str, Any]
_PLAIN: Final = (
    "model", "max_tokens", "temperature", "top_p", "n", "stop", "stream", "stream_options", "presence_penalty",
    "frequency_penalty", "seed", "user", "logit_bias",
)  # fmt: skip
_UNTOLD: Final = ("suffix", "echo", "logprobs", "best_of")


def chat_of(body: Json) -> Json:
    """The request as a chat of one message."""
    prompt = body.get("prompt")
    if isinstance(prompt, list) and len(prompt) == 1:
        prompt = prompt[0]
    if not isinstance(prompt, str):
        raise Invalid("“prompt” is one text. Send several prompts one by one.", field="prompt")
    for name in _UNTOLD:
        value = body.get(name)
        if value and not (name == "best_of" and value == 1):
            raise Invalid(f"“{name}” is not available: a chat model answers here.", field=name)
    return {"messages": [{"role": "user", "content": prompt}], **{name: body[name] for name in _PLAIN if name in body}}


def completion_of(chat: Json) -> Json:
    """A chat completion, or a chunk of one, as a text completion."""
    choices = [
        {
            "index": choice.get("index", 0),
            "text": (choice.get("message") or choice.get("delta") or {}).get("content") or "",
            "logprobs": None,
            "finish_reason": choice.get("finish_reason"),
        }
        for choice in chat["choices"]
    ]
    id = chat["id"].replace("chatcmpl-", "cmpl-", 1)
    return {**chat, "id": id, "object": "text_completion", "choices": choices}
