/** What the plugin uses of the Framework, versions 3 and 4. */
export interface Serverless {
  version?: string;
  serviceDir: string;
  configurationFilename?: string;
  configurationInput?: { package?: { artifact?: string } };
  service: Service;
  classes?: { Error?: new (message: string, code?: string) => Error };
  cli?: { log?: (message: string, entity?: string) => void };
  configSchemaHandler?: {
    schema?: any;
    defineCustomProperties?: (schema: object) => void;
    defineFunctionProperties: (provider: string, schema: object) => void;
  };
}

export interface Service {
  service: string;
  provider: { name: string; stage?: string; runtime?: string; layers?: any[]; compiledCloudFormationTemplate?: Template; [key: string]: unknown };
  package: Package;
  custom?: { slspack?: { command?: string | string[] }; pythonRequirements?: object; datadog?: object };
  functions?: Record<string, FunctionObject>;
  layers?: Record<string, { package?: Package }>;
  plugins?: string[] | { modules?: string[] };
  getFunction(name: string): FunctionObject;
  getLayer(name: string): { package?: Package };
}

export interface Template {
  Resources?: Record<string, { Type: string; DeletionPolicy?: string }>;
}

export interface Package {
  artifact?: string;
  individually?: boolean;
  disable?: boolean;
  [key: string]: unknown;
}

export interface FunctionObject {
  handler?: string;
  image?: unknown;
  runtime?: string;
  layers?: any[];
  package?: Package;
  [key: string]: unknown;
}

export interface Options {
  function?: string | string[];
  stage?: string;
  name?: string;
  docker?: boolean;
  verbose?: boolean;
  debug?: string | boolean;
  [key: string]: unknown;
}

export interface Utils {
  log: Record<'error' | 'warning' | 'notice' | 'info' | 'debug', (text: string) => void>;
  progress?: { create(options: { name: string; message: string }): Progress };
  writeText: (text: string) => void;
}

export interface Progress {
  update(message: string): void;
  remove(): void;
}

/** A line that slspack wrote. */
export interface HookEvent {
  event: string;
  text?: string;
  errors?: { code: string; text: string }[];
  [key: string]: unknown;
}

/** The last line of a call that went well. */
export interface Answer extends HookEvent {
  functions?: Record<string, Built>;
  layers?: Record<string, Built>;
}

export interface Built {
  artifact: string;
  individually: boolean;
  sha256: string | null;
  declaration?: object | null;
  reference?: string;
  functions?: string[];
}
