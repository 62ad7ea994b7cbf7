"""A chat completion's request as one of Gemini's generateContent."""

from typing import Any, Final

from talome.engines.providers.models import Json
from talome.engines.providers.parts import (
    calls_of,
    chosen_function,
    file_of,
    functions_of,
    image_url_of,
    limit_of,
    messages_of,
    native_tools_of,
    parts_of,
    schema_of,
    split_data_url,
    stops_of,
    text_of,
    wants_json,
)
from talome.engines.providers.refusals import unsupported

_SYSTEM: Final = ("system", "developer")
_BUDGETS: Final = {"none": 0, "minimal": 512, "low": 1_024, "medium": 8_192, "high": 24_576, "xhigh": 24_576}
_LEVELS: Final = {"none": "low", "minimal": "low", "low": "low", "medium": "medium", "high": "high", "xhigh": "high"}
_NUMBERS: Final = {
    "temperature": "temperature",
    "top_p": "topP",
    "top_k": "topK",
    "n": "candidateCount",
    "seed": "seed",
    "presence_penalty": "presencePenalty",
    "frequency_penalty": "frequencyPenalty",
}
_PASSED: Final = {"safety_settings": "safetySettings", "cached_content": "cachedContent"}


def content_request(body: Json, model: str) -> Json:
    messages = messages_of(body)
    made: Json = {"contents": _turns(messages)}
    system = "\n\n".join(text_of(message.get("content")) for message in messages if message.get("role") in _SYSTEM)
    if system:
        made["systemInstruction"] = {"parts": [{"text": system}]}
    if config := _config(body, model):
        made["generationConfig"] = config
    declarations = [_declaration(function) for _, function in functions_of(body)]
    if declarations:
        made["tools"] = [{"functionDeclarations": declarations}]
        made["toolConfig"] = {"functionCallingConfig": _calling(body.get("tool_choice"))}
    if native := native_tools_of(body):
        made["tools"] = [*made.get("tools", ()), *native]
    made |= {theirs: body[ours] for ours, theirs in _PASSED.items() if body.get(ours) is not None}
    return made


def _turns(messages: list[Json]) -> list[Json]:
    turns: list[Json] = []
    names: dict[str, str] = {}
    for message in messages:
        role = message.get("role")
        if role in _SYSTEM:
            continue
        if role == "assistant":
            side, parts = "model", _model_parts(message, names)
        elif role == "tool":
            side, parts = "user", [_result(message, names)]
        else:
            side, parts = "user", [_part(part) for part in parts_of(message.get("content"))]
        if turns and turns[-1]["role"] == side:
            turns[-1]["parts"] += parts
        elif parts:
            turns.append({"role": side, "parts": parts})
    return turns


def _model_parts(message: Json, names: dict[str, str]) -> list[Json]:
    parts = [_part(part) for part in parts_of(message.get("content"))]
    for call, arguments in calls_of(message):
        name = str(call["function"].get("name", ""))
        names[str(call.get("id", ""))] = name
        part: Json = {"functionCall": {"name": name, "args": arguments}}
        if signature := _signature(call):
            part["thoughtSignature"] = signature
        parts.append(part)
    return parts


def _signature(call: Json) -> str:
    """What Gemini wants back with a call of its own; clients keep it where Google's own compatible API puts it."""
    extra = call.get("extra_content")
    google = extra.get("google") if isinstance(extra, dict) else None
    signature = google.get("thought_signature") if isinstance(google, dict) else None
    return signature if isinstance(signature, str) else ""


def _result(message: Json, names: dict[str, str]) -> Json:
    name = names.get(str(message.get("tool_call_id", ""))) or str(message.get("name") or "")
    if not name:
        raise unsupported("A tool's result must belong to a tool call of the conversation.")
    return {"functionResponse": {"name": name, "response": {"result": text_of(message.get("content"))}}}


def _part(part: Json) -> Json:
    kind = part.get("type")
    if kind == "text":
        return {"text": str(part.get("text", ""))}
    if kind == "refusal":
        return {"text": str(part.get("refusal", ""))}
    if kind == "image_url":
        return _image(image_url_of(part))
    if kind == "file":
        media_type, data = file_of(part)
        return {"inlineData": {"mimeType": media_type, "data": data}}
    audio = part.get("input_audio")
    if kind == "input_audio" and isinstance(audio, dict):
        return {"inlineData": {"mimeType": f"audio/{audio.get('format', 'wav')}", "data": audio.get("data", "")}}
    raise unsupported("This model takes text, images, audio and files, nothing else.")


def _image(url: str) -> Json:
    if found := split_data_url(url):
        return {"inlineData": {"mimeType": found[0], "data": found[1]}}
    if not url.startswith(("https://", "http://")):
        raise unsupported("An image must be a web address or a data: URL.")
    return {"fileData": {"fileUri": url}}


def _declaration(function: Json) -> Json:
    made = {"name": function.get("name"), "description": function.get("description") or ""}
    parameters = function.get("parameters")
    return {**made, "parametersJsonSchema": parameters} if parameters else made


def _calling(choice: Any) -> Json:
    if name := chosen_function(choice):
        return {"mode": "ANY", "allowedFunctionNames": [name]}
    return {"mode": {"required": "ANY", "none": "NONE"}.get(str(choice), "AUTO")}


def _config(body: Json, model: str) -> Json:
    config = {
        theirs: body[ours]
        for ours, theirs in _NUMBERS.items()
        if isinstance(body.get(ours), int | float) and not (ours == "n" and body[ours] == 1)
    }
    if limit := limit_of(body):
        config["maxOutputTokens"] = limit
    if stops := stops_of(body):
        config["stopSequences"] = stops
    if (schema := schema_of(body)) is not None:
        config |= {"responseMimeType": "application/json", "responseJsonSchema": schema}
    elif wants_json(body):
        config["responseMimeType"] = "application/json"
    effort = body.get("reasoning_effort")
    if isinstance(effort, str) and effort in _BUDGETS:
        old = model.startswith(("gemini-1", "gemini-2"))
        wanted: Json = {"thinkingBudget": _BUDGETS[effort]} if old else {"thinkingLevel": _LEVELS[effort]}
        config["thinkingConfig"] = {**wanted, "includeThoughts": effort != "none"}
    return config
