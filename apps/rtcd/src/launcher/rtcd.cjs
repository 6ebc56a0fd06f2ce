#!/usr/bin/env node
'use strict';

// The published command. Old JavaScript on purpose: a Node that cannot read the service itself has to get as far as the message.
var version = process.version.slice(1);
var needed = /(\d+)\.(\d+)/.exec(require('../package.json').engines.node);
var found = /(\d+)\.(\d+)/.exec(version);
var isTooOld = Number(found[1]) < Number(needed[1]) || (found[1] === needed[1] && Number(found[2]) < Number(needed[2]));

if (isTooOld) {
  process.stderr.write(
    'rtcd: needs Node ' + needed[0] + ' or newer, but ' + process.execPath + ' is Node ' + version + '\n'
  );
  process.exitCode = 1;
} else {
  import('./main.js');
}
