// @ts-check
'use strict';

const { spawn } = require('child_process');
const readline = require('readline');
const { version } = require('../package.json');
const { PROTOCOL } = require('./service');

/**
 * @typedef {import('./types').HookEvent} HookEvent
 * @typedef {import('./types').Answer} Answer
 * @typedef {import('./find').Command} Command
 */

/** slspack did not do what it was asked for; the message is for the Framework's user. */
class SlspackFailure extends Error {
  /**
   * @param {string} message
   * @param {string[]} [codes] of slspack's errors
   */
  constructor(message, codes = []) {
    super(message);
    this.name = 'SlspackFailure';
    this.codes = codes;
  }
}

/** One process of `slspack hook serverless`. */
class Hook {
  /**
   * @param {object} setting
   * @param {Command} setting.command
   * @param {string} setting.folder
   * @param {boolean} setting.debug
   * @param {(event: HookEvent) => void} setting.onEvent
   * @param {(line: string) => void} setting.onText
   */
  constructor({ command, folder, debug, onEvent, onText }) {
    this.command = command;
    this.folder = folder;
    this.debug = debug;
    this.onEvent = onEvent;
    this.onText = onText;
    /** @type {import('child_process').ChildProcessWithoutNullStreams | undefined} */
    this.child = undefined;
    this.stopped = false;
  }

  /**
   * Do one thing, and give the answer.
   *
   * @param {object} request
   * @returns {Promise<Answer>}
   */
  async run(request) {
    /** @type {Answer | undefined} */
    let answer;
    const ended = this.start(request, (event) => {
      if (event.event === 'done') answer = event;
      return event.event === 'done';
    });
    if (this.child) this.child.stdin.end();
    await ended;
    if (!answer) throw new SlspackFailure(`${this.name} ended without an answer.`);
    return answer;
  }

  /**
   * Watch. Resolves after the first good build, rejects if the first build fails; what comes later is told.
   *
   * @param {object} request
   * @returns {Promise<void>}
   */
  watch(request) {
    return new Promise((resolve, reject) => {
      let isBuilt = false;
      const ended = this.start(request, (event) => {
        if (event.event === 'failed' && isBuilt) {
          this.onEvent({ event: 'broken', text: textOf(event) });
          return true;
        }
        if (event.event === 'waiting' && !isBuilt) this.stop();
        if (event.event === 'built') {
          isBuilt = true;
          this.onEvent(event);
          resolve();
        }
        return event.event === 'built' || event.event === 'failed';
      });
      ended.then(
        () => (isBuilt ? undefined : reject(new SlspackFailure(`${this.name} ended before it had built anything.`))),
        (error) => {
          if (!isBuilt) reject(error);
          else if (!this.stopped) this.onEvent({ event: 'broken', text: error.message });
        },
      );
    });
  }

  /** End it: closing its standard input is what it understands everywhere. */
  stop() {
    this.stopped = true;
    if (!this.child) return;
    this.child.stdin.end();
    this.child.kill();
  }

  get name() {
    return `\`${[this.command.file, ...this.command.args].join(' ')}\``;
  }

  /**
   * Resolves when the process has ended well.
   *
   * @param {object} request
   * @param {(event: HookEvent) => boolean} take whether the caller has seen to an event itself
   * @returns {Promise<void>}
   */
  start(request, take) {
    return new Promise((resolve, reject) => {
      const { file, args } = this.command;
      const words = [...args, 'hook', 'serverless', ...(this.debug ? ['--debug'] : [])];
      const child = spawn(file, words, { cwd: this.folder, stdio: ['pipe', 'pipe', 'pipe'] });
      this.child = child;
      /** @type {string[]} */
      const said = [];
      /** @type {HookEvent | undefined} */
      let failed;
      let greeted = false;
      readline.createInterface({ input: child.stderr }).on('line', (line) => {
        said.push(line);
        if (greeted) this.onText(line);
      });
      readline.createInterface({ input: child.stdout }).on('line', (line) => {
        const event = parsed(line);
        if (!event) this.onText(line);
        else if (event.event === 'hello') greeted = this.check(event, reject);
        else if (event.event === 'failed') {
          failed = event;
          take(event);
        } else if (!take(event)) this.onEvent(event);
      });
      child.on('error', (error) => reject(new SlspackFailure(`${this.name} cannot be started: ${error.message}`)));
      child.on('close', (status) => {
        if (!greeted) reject(new SlspackFailure(this.stranger(said)));
        else if (failed && status !== 0) reject(new SlspackFailure(textOf(failed), codesOf(failed)));
        else if (status !== 0 && !this.stopped) {
          reject(new SlspackFailure([`${this.name} ended with ${status}.`, ...said].join('\n')));
        } else if (failed) reject(new SlspackFailure(textOf(failed), codesOf(failed)));
        else resolve();
      });
      // That it ended before it had read its request shows in its exit status.
      child.stdin.on('error', () => {});
      child.stdin.write(`${JSON.stringify({ ...request, plugin: version })}\n`);
    });
  }

  /**
   * Whether this slspack and this plugin understand each other.
   *
   * @param {HookEvent} hello
   * @param {(error: Error) => void} reject
   */
  check(hello, reject) {
    const other = String(hello.slspack);
    if (hello.protocol !== PROTOCOL) {
      const message = `${this.name} is slspack ${other}, which this version ${version} of serverless-slspack cannot speak with.`;
      reject(new SlspackFailure(`${message}\n${howToMatch()}`));
      this.stop();
    } else if (series(other) !== series(version)) {
      const text = `${this.name} is slspack ${other}, and serverless-slspack is ${version}. ${howToMatch()}`;
      this.onEvent({ event: 'version', text });
    }
    return true;
  }

  /** @param {string[]} said */
  stranger(said) {
    const last = said.slice(-5).join('\n');
    const message = `${this.name} does not know \`hook serverless\`: it is not slspack, or too old.`;
    return [message, last, howToMatch()].filter(Boolean).join('\n');
  }
}

/**
 * @param {string} line
 * @returns {HookEvent | undefined}
 */
function parsed(line) {
  try {
    const event = JSON.parse(line);
    return event && typeof event.event === 'string' ? event : undefined;
  } catch {
    return undefined;
  }
}

/** @param {HookEvent} failed */
function textOf(failed) {
  return (failed.errors || []).map((error) => error.text).join('\n');
}

/** @param {HookEvent} failed */
function codesOf(failed) {
  return (failed.errors || []).map((error) => error.code);
}

/** Releases of one series understand each other. @param {string} release */
function series(release) {
  return release.split('.').slice(0, 2).join('.');
}

function howToMatch() {
  return `Install the same version of both: \`pip install 'slspack[watch]==${version}'\`, \`npm install -D serverless-slspack@${version}\`.`;
}

module.exports = { Hook, SlspackFailure };
