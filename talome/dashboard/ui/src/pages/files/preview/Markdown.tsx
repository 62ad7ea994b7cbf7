import { Fragment } from 'react';
import classes from './Preview.module.css';
import { type Block, type Inline, parse } from './markdown';

/** A markdown text, drawn as elements: no HTML of it is ever used. */
export function Markdown({ text }: { text: string }) {
  return (
    <article className={classes.markdown} tabIndex={0}>
      <Blocks blocks={parse(text)} />
    </article>
  );
}

const Blocks = ({ blocks }: { blocks: Block[] }) => blocks.map((block, index) => <OneBlock key={index} block={block} />);

function OneBlock({ block }: { block: Block }) {
  switch (block.type) {
    case 'heading': {
      // The page has its own first heading.
      const Heading = `h${Math.min(6, block.level + 1)}` as 'h2';
      return (
        <Heading>
          <Spans spans={block.children} />
        </Heading>
      );
    }
    case 'paragraph':
      return (
        <p>
          <Spans spans={block.children} />
        </p>
      );
    case 'code':
      return (
        <pre tabIndex={0}>
          <code>{block.text}</code>
        </pre>
      );
    case 'rule':
      return <hr />;
    case 'quote':
      return (
        <blockquote>
          <Blocks blocks={block.blocks} />
        </blockquote>
      );
    case 'list':
      return <List block={block} />;
    case 'table':
      return <Table block={block} />;
  }
}

function List({ block }: { block: Extract<Block, { type: 'list' }> }) {
  const items = block.items.map(({ done, blocks }, index) => (
    <li key={index} data-task={done === null ? undefined : true}>
      {done !== null && <span aria-hidden>{done ? '☑ ' : '☐ '}</span>}
      {/* A short item is a line, not a paragraph. */}
      {blocks.map((each, at) =>
        at === 0 && each.type === 'paragraph' ? <Spans key={at} spans={each.children} /> : <OneBlock key={at} block={each} />,
      )}
    </li>
  ));
  return block.ordered ? <ol start={block.start}>{items}</ol> : <ul>{items}</ul>;
}

function Table({ block }: { block: Extract<Block, { type: 'table' }> }) {
  return (
    <div className={classes.table} tabIndex={0}>
      <table>
        <thead>
          <tr>
            {block.head.map((cell, index) => (
              <th key={index} scope="col">
                <Spans spans={cell} />
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {block.rows.map((row, index) => (
            <tr key={index}>
              {row.map((cell, at) => (
                <td key={at}>
                  <Spans spans={cell} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

const Spans = ({ spans }: { spans: Inline[] }) => spans.map((span, index) => <Span key={index} span={span} />);

function Span({ span }: { span: Inline }) {
  switch (span.type) {
    case 'text':
      return <Fragment>{span.text}</Fragment>;
    case 'code':
      return <code>{span.text}</code>;
    case 'link':
      return (
        <a href={span.href} target="_blank" rel="noopener noreferrer nofollow">
          <Spans spans={span.children} />
        </a>
      );
    default: {
      const Tag = span.type;
      return (
        <Tag>
          <Spans spans={span.children} />
        </Tag>
      );
    }
  }
}
