"""The official clients of OpenAI and Anthropic, pointed at a fresh Talome whose only endpoint is a real small model."""

from collections.abc import AsyncIterator

import pytest
from anthropic import AsyncAnthropic
from openai import AsyncOpenAI, BadRequestError

from tests.gateway.houses import HELLO, runtime_key, with_endpoint
from tests.support.house import House
from tests.support.small_model import SmallModel

pytestmark = pytest.mark.whole  # the model makes 30 tokens a second on a free core, and CI has none to spare
pytest_plugins = ("tests.support.small_model",)


@pytest.fixture
async def token(house: House, small_model: SmallModel) -> str:
    await with_endpoint(house, small_model.base_url, {"Authorization": f"Bearer {small_model.key}"})
    person = await runtime_key(house)
    assert person.token is not None
    return person.token


@pytest.fixture
async def openai(house: House, token: str) -> AsyncIterator[AsyncOpenAI]:
    async with AsyncOpenAI(base_url=f"{house.base}/v1", api_key=token, max_retries=0) as client:
        yield client


@pytest.fixture
async def anthropic(house: House, token: str) -> AsyncIterator[AsyncAnthropic]:
    async with AsyncAnthropic(base_url=house.base, api_key=token, max_retries=0) as client:
        yield client


async def test_openai_lists_chats_streams_and_embeds(openai: AsyncOpenAI) -> None:
    assert {"auto", "fast", "max"} <= {model.id async for model in openai.models.list()}
    chat = await openai.chat.completions.create(model="auto", messages=HELLO, max_tokens=8)
    assert chat.choices[0].message.content
    assert chat.model == "auto"
    assert chat.usage is not None
    assert chat.usage.completion_tokens in range(1, 9)

    stream = await openai.chat.completions.create(
        model="smollm2", messages=HELLO, max_tokens=8, stream=True, stream_options={"include_usage": True}
    )
    chunks = [chunk async for chunk in stream]
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
    assert chunks[-1].usage is not None
    assert {chunk.model for chunk in chunks} == {"smollm2"}

    made = await openai.embeddings.create(model="smollm2", input=["one", "two"])
    again = await openai.embeddings.create(model="smollm2", input="one", encoding_format="float")
    assert len(made.data) == 2
    assert made.data[0].embedding == pytest.approx(again.data[0].embedding, abs=1e-4)


async def test_openai_responses_and_completions(openai: AsyncOpenAI) -> None:
    whole = await openai.responses.create(model="auto", input="Say hello", max_output_tokens=8)
    assert whole.output_text
    stream = await openai.responses.create(model="auto", input="Say hello", max_output_tokens=8, stream=True)
    events = [event async for event in stream]
    assert events[0].type == "response.created"
    assert events[-1].type in ("response.completed", "response.incomplete")
    text = "".join(event.delta for event in events if event.type == "response.output_text.delta")
    assert text
    assert events[-1].response.output_text == text
    older = await openai.completions.create(model="auto", prompt="Once upon a", max_tokens=4)
    assert older.choices[0].text


async def test_anthropic_chats_streams_and_counts(anthropic: AsyncAnthropic) -> None:
    message = await anthropic.messages.create(model="auto", messages=HELLO, max_tokens=8)
    assert message.content[0].type == "text"
    assert message.usage.output_tokens in range(1, 9)
    async with anthropic.messages.stream(model="auto", messages=HELLO, max_tokens=8) as stream:
        text = "".join([piece async for piece in stream.text_stream])
        final = await stream.get_final_message()
    assert text
    assert final.content[0].text == text  # type: ignore[union-attr]  # the assertion fails on any other block
    assert final.stop_reason in ("end_turn", "max_tokens")
    counted = await anthropic.messages.count_tokens(model="auto", messages=HELLO)
    assert counted.input_tokens > 0


async def test_errors_are_the_clients_own(openai: AsyncOpenAI) -> None:
    with pytest.raises(BadRequestError) as refused:
        await openai.chat.completions.create(model="auto", messages=[])
    assert refused.value.body == {
        "message": "“messages” must be a list with at least one message.",
        "type": "invalid_request_error",
        "param": "messages",
        "code": "invalid",
    }
