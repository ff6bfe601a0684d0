import { printableLines } from '../../../../shared/printable.ts';

/** A message, and how to reach its topic. */
export interface KcatMessage {
  /** The addresses, as `host:port,host:port`. */
  readonly brokers: string;
  readonly topic: string;
  readonly key: string | undefined;
  readonly content: string;
  readonly partition: number | undefined;
  readonly security: KcatSecurity | undefined;
}

interface KcatSecurity {
  readonly protocol: string;
  readonly mechanism: string;
  readonly username: string;
  /** The brokers' authority is to be a file of whoever runs the command. */
  readonly hasOwnAuthority: boolean;
}

const image = 'edenhill/kcat:1.7.1';
/** What separates messages must not be in them: control characters that no text holds. */
const delimiters = ['\x1e', '\x1d', '\x1c', '\x1f'];

/** A shell command that sends the message with kcat in a container; throws when kcat cannot send it: https://github.com/edenhill/kcat */
export function kcatCommand({ brokers, content, key, partition, security, topic }: KcatMessage): string {
  const delimiter = delimiters.find((candidate) => !content.includes(candidate));
  if (content === '' || content.includes('\0') || delimiter === undefined) {
    throw new Error(
      '--print docker: kcat cannot send an empty content, nor one with NUL or all separators in it; send it without --print.',
    );
  }
  if (key !== undefined && printableLines(key) !== key) {
    throw new Error('--print docker: a key with control characters is no word of a command that can be shown; send it without --print.');
  }
  const args = [
    ['-P', '-b', quoted(brokers), '-t', quoted(topic)],
    key === undefined ? [] : ['-k', quoted(key)],
    // Else the key decides, as with the clients for Java and Node, not as librdkafka does by itself.
    partition === undefined ? ['-X', 'topic.partitioner=murmur2_random'] : ['-p', String(partition)],
    ['-D', quoted(`\\x${delimiter.charCodeAt(0).toString(16)}`)],
    security ? securityArgs(security) : [],
  ];
  const volume = security?.hasOwnAuthority ? '-v "$PWD/ca.pem:/ca.pem:ro" ' : '';
  return `${printed(content)} | docker run --rm -i ${volume}${image} ${args.flat().join(' ')}`;
}

function securityArgs({ hasOwnAuthority, mechanism, protocol, username }: KcatSecurity): string[] {
  const properties = [
    `security.protocol=${protocol}`,
    `sasl.mechanisms=${mechanism}`,
    quoted(`sasl.username=${username}`),
    // Never printed: whoever runs the command sets it.
    'sasl.password="$KAFKA_PASSWORD"',
    ...(hasOwnAuthority ? ['ssl.ca.location=/ca.pem', 'ssl.endpoint.identification.algorithm=none'] : []),
  ];
  return properties.flatMap((property) => ['-X', property]);
}

/** A command that prints the text; what a terminal would not show of it is written by its bytes. */
function printed(text: string): string {
  if (printableLines(text) === text) return `printf '%s' ${quoted(text)}`;
  const shown = Array.from(text.replaceAll('\\', '\\\\'), (character) =>
    printableLines(character) === character ? character : octal(character),
  );
  return `printf '%b' ${quoted(shown.join(''))}`;
}

/** The bytes of the text as `printf '%b'` takes them: https://pubs.opengroup.org/onlinepubs/9799919799/utilities/printf.html */
function octal(text: string): string {
  return Array.from(Buffer.from(text), (byte) => `\\0${byte.toString(8).padStart(3, '0')}`).join('');
}

/** The text as one word of a POSIX shell. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
