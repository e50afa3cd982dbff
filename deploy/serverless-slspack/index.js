// @ts-check
'use strict';

const path = require('path');
const { followRetained, place } = require('./lib/artifacts');
const { commands } = require('./lib/commands');
const { findSlspack } = require('./lib/find');
const { fallbackUtils } = require('./lib/output');
const { defineSchema } = require('./lib/schema');
const { handedOver, isBundled, ownFunctions, packagesItself, pluginsOf } = require('./lib/service');
const { Hook, SlspackFailure } = require('./lib/hook');

const LIVE_FOLDER = path.join('.slspack', 'live');
/** What a plain installation of slspack cannot do. */
const EXTRA_MISSING = 'SLS0906';
/** The newest Python that version 3 of the Framework runs without Docker. */
const NEWEST_OF_V3 = 'python3.11';
const PACKAGED_TWICE =
  'this version of the Framework puts what `custom.pythonRequirements` asks for into artifacts itself, into slspack\'s too\n' +
  '  hint: write `enabled: false` there; slspack reads its other options all the same';

/**
 * Lets slspack build the service's Python functions before the Framework would zip them.
 *
 * @typedef {import('./lib/types').Serverless} Serverless
 * @typedef {import('./lib/types').Options} Options
 * @typedef {import('./lib/types').Utils} Utils
 * @typedef {import('./lib/types').Answer} Answer
 * @typedef {import('./lib/types').HookEvent} HookEvent
 */
class SlspackPlugin {
  /**
   * @param {Serverless} serverless
   * @param {Options} [options]
   * @param {Utils} [utils] the Framework's log API; not given by what is older
   */
  constructor(serverless, options, utils) {
    this.serverless = serverless;
    /** @type {Options} */
    this.options = options || {};
    /** @type {Utils} */
    this.utils = utils && utils.log ? utils : fallbackUtils(serverless);
    /** The packages of functions as they were before their artifacts were set. @type {Map<string, any>} */
    this.before = new Map();
    /** @type {Hook | undefined} */
    this.watching = undefined;
    /** @type {string | undefined} */
    this.runtimeBefore = undefined;
    defineSchema(serverless);
    const isTaken = pluginsOf(serverless).includes('serverless-python-requirements') || packagesItself(serverless);
    this.commands = commands({ requirements: !isTaken });
    this.hooks = {
      'before:package:createDeploymentArtifacts': () => this.package(),
      'after:package:compileLayers': async () => followRetained(this.serverless.service),
      'before:deploy:function:packageFunction': () => this.package(),
      'before:invoke:local:invoke': () => this.prepareInvokeLocal(),
      'after:invoke:local:invoke': () => this.afterInvokeLocal(),
      'before:offline:start': () => this.startOffline(),
      'before:offline:start:init': () => this.startOffline(),
      'offline:start:end': () => this.endOffline(),
      'slspack:build:build': () => this.build(),
      'slspack:analyze:analyze': () => this.print('analyze', this.selected()),
      'slspack:explain:explain': () => this.explain(),
      'slspack:clean:clean': () => this.print('clean'),
      'slspack:requirements:install:install': () => this.print('requirements install'),
      'slspack:requirements:clean:clean': () => this.print('requirements clean'),
      'slspack:requirements:cleanCache:cleanCache': () => this.print('requirements cleanCache'),
      'requirements:install:install': () => this.print('requirements install'),
      'requirements:clean:clean': () => this.print('requirements clean'),
      'requirements:cleanCache:cleanCache': () => this.print('requirements cleanCache'),
    };
    if (isTaken) {
      for (const name of Object.keys(this.hooks)) if (name.startsWith('requirements:')) delete this.hooks[name];
    }
  }

  /** Build the functions that are deployed, and tell the Framework where their artifacts are. */
  async package() {
    const functions = this.selected();
    if (!functions.length) return;
    if (packagesItself(this.serverless)) throw this.readable(new SlspackFailure(PACKAGED_TWICE, ['PACKAGED_TWICE']));
    const answer = await this.run('build', { functions: this.options.function ? functions : [] });
    await place(this.serverless, answer, this.before);
  }

  /** `sls slspack build` */
  async build() {
    const functions = this.selected();
    const answer = await this.run('build', { functions: this.options.function ? functions : [] });
    this.utils.writeText(String(answer.text).trimEnd());
  }

  /** `sls slspack explain` */
  async explain() {
    const answer = await this.run('explain', { functions: this.selected(), name: String(this.options.name) });
    this.utils.writeText(String(answer.text).trimEnd());
    if (!answer.present) process.exitCode = 1;
  }

  /**
   * Do something whose answer is a text, and print that.
   *
   * @param {string} action
   * @param {string[]} [functions]
   */
  async print(action, functions) {
    const answer = await this.run(action, { functions: this.options.function ? functions : [] });
    if (answer.text) this.utils.writeText(String(answer.text).trimEnd());
  }

  /** Let the Framework's own Python find the function as it is bundled. */
  async prepareInvokeLocal() {
    const [name] = this.selected();
    if (this.options.docker || !name) return;
    await this.run('build', { functions: [name], local: true });
    this.serveLive();
    // A handler that raises ends the command as it does without slspack.
    process.env.SLSPACK_LIVE_ERRORS = 'raise';
    const runs = this.serverless.service.getFunction(name);
    const runtime = runs.runtime || this.serverless.service.provider.runtime || '';
    if (/^3\./.test(this.serverless.version || '') && minor(runtime) > minor(NEWEST_OF_V3)) {
      // It would take Docker for a runtime that it does not know. Which Python runs is up to slspack's runner anyway.
      this.runtimeBefore = runs.runtime;
      runs.runtime = NEWEST_OF_V3;
    }
  }

  /** Put back what `prepareInvokeLocal` has changed. */
  afterInvokeLocal() {
    const [name] = this.selected();
    if (name && this.serverless.service.getFunction(name).runtime === NEWEST_OF_V3 && this.runtimeBefore !== undefined) {
      this.serverless.service.getFunction(name).runtime = this.runtimeBefore;
    }
  }

  /** Build, serve what was built, and build again after each change for as long as the emulator runs. */
  async startOffline() {
    if (this.watching || !ownFunctions(this.serverless).length) return;
    const request = { functions: [], local: true };
    const watching = this.hook();
    this.watching = watching;
    process.once('exit', () => watching.stop());
    try {
      await this.following('watch', () => watching.watch(this.request('watch', request)));
    } catch (error) {
      this.watching = undefined;
      if (!(error instanceof SlspackFailure) || !error.codes.includes(EXTRA_MISSING)) throw this.readable(error);
      this.utils.log.warning(`${error.message}\nUntil then, changes are seen when the emulator is started again.`);
      await this.run('build', request);
    }
    this.serveLive();
  }

  /** The emulator has ended. */
  async endOffline() {
    if (this.watching) this.watching.stop();
    this.watching = undefined;
  }

  /** Put slspack's modules in front of those that processes of this one find. */
  serveLive() {
    const live = path.join(this.serverless.serviceDir, LIVE_FOLDER);
    const others = (process.env.PYTHONPATH || '').split(path.delimiter).filter((each) => each && each !== live);
    process.env.PYTHONPATH = [live, ...others].join(path.delimiter);
  }

  /**
   * The functions of slspack's among those that the command names; all of slspack's where it names none.
   *
   * @returns {string[]}
   */
  selected() {
    const named = [this.options.function || []].flat();
    const own = ownFunctions(this.serverless);
    return named.length ? named.filter((name) => own.includes(name) || !this.isKnown(name)) : own;
  }

  /** @param {string} name */
  isKnown(name) {
    return name in (this.serverless.service.functions || {});
  }

  /**
   * Run slspack once. Rejects with the Framework's own error, so that its user sees a message and no stack.
   *
   * @param {string} action
   * @param {object} rest
   * @returns {Promise<Answer>}
   */
  async run(action, rest) {
    try {
      const answer = await this.following(action, () => this.hook().run(this.request(action, rest)));
      if (action === 'build') this.utils.log.info(String(answer.text).trimEnd());
      return answer;
    } catch (error) {
      throw this.readable(error);
    }
  }

  /**
   * Show progress while something runs.
   *
   * @template T
   * @param {string} action
   * @param {() => Promise<T>} work
   * @returns {Promise<T>}
   */
  async following(action, work) {
    const { progress } = this.utils;
    this.progress = progress && progress.create({ name: 'slspack', message: `slspack: ${action}` });
    try {
      return await work();
    } finally {
      if (this.progress) this.progress.remove();
      this.progress = undefined;
    }
  }

  /** @returns {Hook} */
  hook() {
    const { serverless } = this;
    const settings = (serverless.service.custom || {}).slspack || {};
    return new Hook({
      command: findSlspack({ folder: serverless.serviceDir, configured: settings.command, environment: process.env }),
      folder: serverless.serviceDir,
      debug: Boolean(this.options.debug),
      onEvent: (event) => this.hear(event),
      onText: (line) => (this.options.debug ? this.utils.log.notice(line) : this.utils.log.info(line)),
    });
  }

  /**
   * @param {string} action
   * @param {object} rest
   */
  request(action, rest) {
    return { ...handedOver(this.serverless, this.options, this.before), action, ...rest };
  }

  /**
   * Something that slspack tells while it works.
   *
   * @param {HookEvent} event
   */
  hear(event) {
    const { log } = this.utils;
    switch (event.event) {
      case 'progress':
        if (this.progress) this.progress.update(`slspack: ${event.text}${percentage(event)}`);
        break;
      case 'finding':
        if (event.severity === 'warning') log.warning(String(event.text));
        else log.info(String(event.text));
        break;
      case 'version':
        log.warning(String(event.text));
        break;
      case 'built':
        if (event.text) log.notice(`slspack: ${event.text}`);
        if (event.outdated) log.warning('The service\'s configuration has changed: start the emulator again to use it.');
        break;
      case 'broken':
        log.error(String(event.text));
        break;
      case 'waiting':
      case 'said':
        log.notice(`slspack: ${event.text}`);
        break;
      default:
        log.debug(JSON.stringify(event));
    }
  }

  /**
   * @param {unknown} error
   * @returns {unknown}
   */
  readable(error) {
    if (!(error instanceof SlspackFailure)) return error;
    const ServerlessError = (this.serverless.classes && this.serverless.classes.Error) || Error;
    return new ServerlessError(error.message, `SLSPACK_${error.codes[0] || 'FAILED'}`);
  }
}

/** @param {HookEvent} event */
function percentage(event) {
  return event.bytes_total ? ` (${Math.floor((100 * Number(event.bytes)) / Number(event.bytes_total))} %)` : '';
}

/** @param {string} runtime */
function minor(runtime) {
  return Number(runtime.split('.')[1] || 0);
}

module.exports = SlspackPlugin;
module.exports.isBundled = isBundled;
