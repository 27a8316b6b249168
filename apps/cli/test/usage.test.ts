import { describe, expect, it } from 'vitest';
import { createProgram } from '../src/index.ts';
import { edgeguard } from './edgeguard.ts';

const COMMANDS = createProgram().commands.map((command) => command.name());

describe('help', () => {
  it('lists every command and what exit codes mean', async () => {
    const { code, stdout, stderr } = await edgeguard(['--help']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    for (const name of COMMANDS) expect(stdout).toContain(`\n  ${name} `);
    expect(stdout).toContain('Exit codes: 0 done, 1 bad input or failure');
  });

  it('describes every command, argument and option', () => {
    const commands = createProgram().commands.flatMap((command) => [command, ...command.commands]);
    const described = commands.flatMap((command) => [
      { name: command.name(), description: command.description() },
      ...command.registeredArguments.map((argument) => ({ name: argument.name(), description: argument.description })),
      ...command.options.map((option) => ({ name: option.flags, description: option.description })),
    ]);
    expect(described.filter(({ description }) => description === '')).toEqual([]);
  });

  it('of a command goes to standard output', async () => {
    const { code, stdout } = await edgeguard(['meter', '--help']);
    expect(code).toBe(0);
    expect(stdout).toContain('Usage: edgeguard meter [options] <capture...>');
  });

  it('is printed for want of a command, which is wrong usage', async () => {
    const { code, stdout, stderr } = await edgeguard([]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^Usage: edgeguard/);
  });
});

describe('wrong usage is one line and exit code 2', () => {
  it.each([
    [['frobnicate'], /unknown command 'frobnicate'/],
    [['detect', 'd.tflite', 'c.pcap', '--engine', 'gpu'], /--engine <engine>' argument 'gpu' is invalid/],
    [['meter'], /missing required argument 'capture'/],
    [['meter', 'c.pcap', '--idle-timeout', '0'], /It must be a number above 0/],
    [['meter', 'c.pcap', '--nonsense'], /unknown option '--nonsense'/],
    [['meter', 'c.pcap', '--format', 'arrow'], /an Arrow file needs --output FILE/],
    [['synth', '--seed', '-1', '-o', 'c.pcap'], /It must be a whole number/],
    [['synth'], /--output/],
    [['tflite', 'convert', 'model.json'], /name the \.tflite file to write/],
    [['tflite', 'convert', 'model.json', '-o', 'm.tflite', '--precision', 'int8'], /needs --representative/],
    [['threshold', 'd.tflite', '--confidence', '1.5'], /between 0 and 1/],
    [['detect', 'd.tflite'], /capture/],
    [['detect', 'd.tflite', 'c.pcap', '-i', 'eth0'], /either captures or an interface/],
    [['detect', 'd.tflite', 'c.pcap', '--append'], /--append needs --output/],
    [['detect', 'd.tflite', 'rows.csv', '--vote', '3/5'], /--vote is about episodes, and rows of a table have none/],
  ])('%j', async (args, message) => {
    const { code, stdout, stderr } = await edgeguard(args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(message);
    expect(stderr).toMatch(/^edgeguard: .*\n$/);
  });
});
