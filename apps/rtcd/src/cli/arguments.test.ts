import { expect, it } from 'vitest';
import { parseArguments } from './arguments.ts';

it.each([
  [[], { action: 'run', configPath: 'config/config.toml' }],
  [['--config', 'other.toml'], { action: 'run', configPath: 'other.toml' }],
  [['--config=other.toml'], { action: 'run', configPath: 'other.toml' }],
  [['--help'], { action: 'help' }],
  [['-h', '-v'], { action: 'help' }],
  [['--version'], { action: 'version' }],
  [['-config', 'other.toml'], { action: 'run', configPath: 'other.toml' }],
  [['-config=-other.toml'], { action: 'run', configPath: '-other.toml' }],
  [['-config='], { action: 'run', configPath: '' }],
  [['-help'], { action: 'help' }],
  [['-version'], { action: 'version' }],
  [['doctor'], { action: 'doctor', json: false, configPath: 'config/config.toml', stunServers: [] }],
  [
    ['doctor', '-config=a.toml', '--json', '--stun', 'stun:a', '--stun=stun:b', '--peer', 'https://c'],
    { action: 'doctor', json: true, configPath: 'a.toml', stunServers: ['stun:a', 'stun:b'], peer: 'https://c' },
  ],
  [['doctor', '--help'], { action: 'help' }],
])('parses %j as %j', (args, command) => {
  expect(parseArguments(args)).toEqual(command);
});

it.each([
  [['--config']],
  [['-config']],
  [['--nonsense']],
  [['-configs', 'a']],
  [['-help=maybe']],
  [['config.toml']],
  [['doctor', '--stun', 'turn:a']],
  [['doctor', '--peer', 'c']],
  [['doctor', '--version']],
])('refuses %j, and names the help', (args) => {
  expect(() => parseArguments(args)).toThrow(/ See rtcd --help$/);
});
