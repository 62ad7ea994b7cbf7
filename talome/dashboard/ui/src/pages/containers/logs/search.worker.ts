import { type Question, Searcher } from './searcher';

const searcher = new Searcher(
  (answer) => postMessage(answer),
  (work) => setTimeout(work),
);
onmessage = (event: MessageEvent<Question>) => searcher.ask(event.data);
