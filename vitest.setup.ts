import fc from 'fast-check';

// Tests of properties try the same cases in every run, so that none fails by chance. FAST_CHECK_SEED=7 npm test tries others.
fc.configureGlobal({ seed: Number(process.env['FAST_CHECK_SEED'] ?? 1) });
