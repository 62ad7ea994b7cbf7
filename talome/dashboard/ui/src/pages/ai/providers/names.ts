import type { operations } from '@/api/schema';

type NewKey = NonNullable<operations['provider_keys.add']['requestBody']>['content']['application/json'];
export type Provider = NewKey['provider'];

export const PROVIDERS: Record<Provider, string> = {
  openai: 'OpenAI',
  anthropic: 'Anthropic',
  google: 'Google Gemini',
  groq: 'Groq',
  mistral: 'Mistral',
  deepseek: 'DeepSeek',
  openrouter: 'OpenRouter',
  custom: 'Another OpenAI-compatible one',
};

export const providerName = (provider: string): string => PROVIDERS[provider as Provider] ?? provider;
