import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { loadConfig, readEnvironment, settings } from '../../src/config/index.js';
import { keyPair, privatePem, publicPem } from '../attest/keys.js';
import { taster } from '../cli/in-process.js';
import { temporaryFolder } from '../temporary-folder.js';

const at = temporaryFolder();
const ROOTS = { incoming: 'in', released: 'released', quarantine: 'quarantine', vault: 'vault' };

function load(config: unknown) {
  writeFileSync(at('config.json'), JSON.stringify(config));
  return loadConfig(at('config.json'));
}

describe('a configuration', () => {
  it('fills in defaults, begins paths at its folder, and observes unless it says otherwise', () => {
    const { backend, worker, datasets } = load({
      datasets: { mail: { ...ROOTS, incoming: pathToFileURL(at('a b')).href, vault: 's3://bucket/vault/' } },
    });
    expect({ backend, worker }).toEqual({
      backend: 'wasm',
      worker: { concurrency: 2, attempts: 5, lockSeconds: 30, spoolBytes: 8 * 2 ** 30, sweepSeconds: 30 },
    });
    expect(datasets.get('mail')).toMatchObject({
      incoming: at('a b'),
      released: at('released'),
      vault: 's3://bucket/vault',
      baseline: null,
      contract: null,
      policy: { mode: 'observe', falseQuarantineRate: 0.01 },
      quietSeconds: 60,
      keepOriginals: true,
    });
  });

  it('names everything that is wrong at once', () => {
    const wrong = {
      datasets: { 'a/b': ROOTS, mail: { ...ROOTS, vault: 3, mode: 'guess', extra: 1 } },
      worker: { attempts: 0 },
    };
    expect(() => load(wrong)).toThrow(
      expect.objectContaining({
        code: 'CONFIG_INVALID',
        message: expect.stringMatching(
          /attempts must be >= 1.*datasets has "a\/b", which cannot be a name: use 1 to 64 letters.*unknown setting "extra".*vault must be string.*mode must be one of observe, enforce/,
        ),
      }),
    );
  });

  it('names files that cannot be used and roots that lie in one another', () => {
    writeFileSync(at('policy.json'), '{"tolerance": 7}');
    const nested = { ...ROOTS, released: 'in/released', policy: 'policy.json', contract: 'none.json' };
    const problems = [
      'datasets.mail: .*policy.json: tolerance must be <= 0.5',
      'datasets.mail: .*none.json: no such file or folder',
      'datasets.mail.released lies within datasets.mail.incoming',
      'datasets.post.incoming lies within datasets.mail.incoming',
    ];
    expect(() =>
      load({ datasets: { mail: nested, post: { ...ROOTS, released: 'r', quarantine: 'q', vault: 'v' } } }),
    ).toThrow(new RegExp(problems.join('.*')));
  });

  it('names what is wrong with files and roots beside what is wrong with settings', () => {
    const mail = { ...ROOTS, released: 'in/released', contract: 'none.json', baseline: 'none.taster', mode: 'guess' };
    const post = { ...ROOTS, incoming: 'other', released: 3, placement: 'in-place' };
    const problems = [
      'attempts must be >= 1',
      'datasets.mail.mode must be one of observe, enforce',
      'datasets.post.released must be string',
      'datasets.mail: .*none.json: no such file or folder',
      'datasets.mail: .*none.taster: no such file or folder',
      'datasets.mail.released lies within datasets.mail.incoming',
      'datasets.post.quarantine lies within datasets.mail.quarantine',
      'datasets.post.vault lies within datasets.mail.vault',
      'datasets.post.placement: in-place needs incoming in S3',
    ];
    const config = { datasets: { mail, post, none: 3 }, worker: { attempts: 0 } };
    expect(() => load(config)).toThrow(new RegExp(problems.join('.*')));
    expect(() => load(config)).not.toThrow(/undefined|lies within datasets\.(post\.released|none)/);
    expect(() => load({ datasets: { mail: { ...ROOTS, incoming: 3, placement: 'in-place' } } })).not.toThrow('needs');
    for (const whole of [null, [], 3, { datasets: [] }, { datasets: {} }]) {
      expect(() => load(whole)).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }));
    }
  });

  it.each([
    ['ftp://a/b', 'is no folder, file:// or s3:// prefix: write ./ftp://a/b where a folder has that name'],
    ['gs://lake/v', 'is no folder, file:// or s3:// prefix'],
    ['S3://lake/q', 'is no folder, file:// or s3:// prefix'],
    ['s3:/lake/b', 'is no folder, file:// or s3:// prefix'],
    ['file:in', 'is no folder, file:// or s3:// prefix'],
    ['file://elsewhere/in', 'is no address of a file here'],
    ['s3:///in', 'names no bucket: write s3://bucket/prefix'],
  ])('takes %s for no root', (root, problem) => {
    for (const setting of ['incoming', 'released', 'quarantine', 'vault', 'baseline']) {
      const config = { datasets: { mail: { ...ROOTS, [setting]: root } } };
      expect(() => load(config)).toThrow(`datasets.mail.${setting}: ${root} ${problem}`);
    }
  });

  it('takes folders with a colon in their name, and drives of Windows', () => {
    const roots = { incoming: './a:b', released: '10:30', quarantine: 'C:/data/q', vault: 'x/y:z' };
    expect(load({ datasets: { mail: roots } }).datasets.get('mail')).toMatchObject({ incoming: at('a:b') });
  });

  it('needs its baseline, and of whoever signs the key', () => {
    expect(() => load({ datasets: { mail: { ...ROOTS, baseline: 'none.taster' } } })).toThrow(
      /datasets.mail: .*none.taster: no such file or folder/,
    );
    const config = { datasets: { mail: { ...ROOTS, sign: 'none.pem', baseline: 's3://bucket/b.taster' } } };
    expect(load(config).datasets.get('mail')?.signingKey).toBe(at('none.pem'));
    expect(() => loadConfig(at('config.json'), { signs: true })).toThrow(
      /datasets.mail: .*none.pem: no such file or folder/,
    );
  });

  it('takes no address to notify that cannot be called, and does not show it', () => {
    const notifying = (notify: string) => load({ datasets: { mail: { ...ROOTS, notify } } });
    expect(notifying('https://hooks.example/a?token=b').datasets.get('mail')?.notify).toContain('token=b');
    for (const [notify, problem] of [
      ['http://ann:secret@hooks.example/', 'datasets.mail.notify: holds a user or password, which are not sent'],
      ['http://secret host/', 'datasets.mail.notify: is no address'],
    ] as const) {
      expect(() => notifying(notify)).toThrow(problem);
      expect(() => notifying(notify)).not.toThrow('secret');
    }
  });

  it('takes the mode of a policy that has to be signed, and may not say another', async () => {
    const { own, open } = keyPair();
    writeFileSync(at('ann.pem'), privatePem(own));
    const ann = { name: 'ann', key: publicPem(open), datasets: ['mail'], kinds: ['policy'] };
    writeFileSync(at('trust.json'), JSON.stringify({ version: 1, approvers: [ann], requireApproval: { policy: {} } }));
    writeFileSync(at('signed.json'), '{}');
    const signing = ['--kind', 'policy', '--dataset', 'mail', '--as', '1', '--key', at('ann.pem')];
    expect(await taster('sign', at('signed.json'), ...signing)).toMatchObject({ exitCode: 0 });
    const modeWith = (mode: object) =>
      load({ datasets: { mail: { ...ROOTS, policy: 'signed.json', trust: 'trust.json', ...mode } } }).datasets.get(
        'mail',
      )?.policy.mode;
    expect(modeWith({})).toBe('enforce');
    expect(modeWith({ mode: 'enforce' })).toBe('enforce');
    expect(() => modeWith({ mode: 'observe' })).toThrow('mail.mode: is observe, and the signed policy says enforce');
  });

  it('has no models run, and no columns that its contract gives another role', () => {
    const columns = [{ name: 'x', type: 'Float64', role: 'feature' }];
    writeFileSync(at('contract.json'), JSON.stringify({ version: 1, columns }));
    expect(() => load({ datasets: { mail: { ...ROOTS, contract: 'contract.json', label: 'x' } } })).toThrow(
      `gives column x, which is configured as the label, feature`,
    );
    const models = [
      { name: 'm', path: 'm.json', sha256: 'a'.repeat(64), format: 'graph', inputs: ['x'], output: 'embedding' },
    ];
    writeFileSync(at('contract.json'), JSON.stringify({ version: 1, columns, models }));
    expect(() => load({ datasets: { mail: { ...ROOTS, contract: join('.', 'contract.json') } } })).toThrow(
      'names models, which the service does not run',
    );
  });
});

describe('the address of the queue', () => {
  it('is that of this machine unless the environment says another', () => {
    expect(readEnvironment({}).redisUrl).toBe('redis://127.0.0.1:6379');
    expect(() => readEnvironment({ TASTER_REDIS_URL: 'http://x' })).toThrow('must begin with redis:// or rediss://');
  });

  it('is shown without its password', () => {
    const shown = settings({ TASTER_REDIS_URL: 'redis://user:secret@host:6379/0' });
    expect(shown.find(({ name }) => name === 'TASTER_REDIS_URL')?.value).toBe('redis://***@host:6379/0');
  });
});
