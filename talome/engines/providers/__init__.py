"""Speaks with models behind other people's APIs: OpenAI-shaped ones, Anthropic's Messages, Google's Gemini.

It decides nothing: which endpoint to ask, what it may cost and what to do after an error is settled above. Everything
comes in and goes out in the shape of OpenAI's chat completions, except `messages`, which keeps Anthropic's from end to
end. A key is sent to its endpoint's own origin alone, never follows a redirect and never stands in an error.
"""
