/** The library's public surface: everything the commands do, without the commands. docs/api.md shows it in use. */

export type { Baselines } from './evaluator/baselines.ts';
export type { Concurrency, RunOptions } from './evaluator/concurrency.ts';
export { type HowSure, howSure } from './evaluator/confidence/how-sure.ts';
export type { ContinuousOptimum } from './evaluator/continuous-optimum.ts';
export type { Evaluation, NodeUse } from './evaluator/evaluation.ts';
export { openDemand } from './evaluator/open-demand.ts';
export type { Optimum } from './evaluator/optimum.ts';
export type { PolicyOptions } from './evaluator/policy-options.ts';
export { resultContext } from './evaluator/result-context.ts';
export { evaluate, type Scenario, scenario } from './evaluator/scenario.ts';
export type { SharedChoice, SharedVector } from './evaluator/several/choose-several.ts';
export type { SeveralResult } from './evaluator/several/result.ts';
export { parseSeveral, severalJson } from './evaluator/several/several-files.ts';
export { severalResults } from './evaluator/several/several-result.ts';
export {
  type SeveralSweep,
  type SeveralTrace,
  sweepSeveral,
} from './evaluator/several/sweep-several.ts';
export { togetherScenario } from './evaluator/several/together.ts';
export { type Sweep, sweep } from './evaluator/sweep.ts';
export { parseSweep, sweepArrow, sweepJson } from './evaluator/sweep-files.ts';
export type { SweepResult } from './evaluator/sweep-result.ts';
export { type Validation, validate } from './evaluator/validation/validate.ts';
export { warningsFor } from './evaluator/warnings.ts';
export { parseVectors } from './evaluator/weight-vectors.ts';
export type { Why } from './evaluator/why.ts';
export { cachesPerCopy } from './models/memory/caches-per-copy.ts';
export { type Calibration, calibrate, type MeasuredPoint } from './models/memory/calibrate.ts';
export { type CurvePoint, type FittedCurve, fitCurve } from './models/memory/fit-curve.ts';
export { type Implausible, implausible } from './models/memory/implausible.ts';
export { type ImportedMachine, importMachine } from './models/memory/import/import-machine.ts';
export type { Machine } from './models/memory/machine.ts';
export { parseMachine, readMachine } from './models/memory/read-machine.ts';
export type { TimeModelName } from './models/memory/time-model.ts';
export { autoWeights } from './models/mempolicy/auto-weights.ts';
export type { Discipline } from './models/mempolicy/discipline.ts';
export { interleaveCycle, type WeightGroup } from './models/mempolicy/interleave.ts';
export type { Settings } from './models/mempolicy/kernel/kernel.ts';
export { type KernelVersion, kernelVersion } from './models/mempolicy/kernel-version.ts';
export { type Mapping, placeMapping } from './models/mempolicy/place-mapping.ts';
export { placeByAddress, placePages } from './models/mempolicy/place-pages.ts';
export { readScript } from './models/mempolicy/script/read-script.ts';
export { type LineResult, runScript } from './models/mempolicy/script/run-script.ts';
export type { Topology } from './models/mempolicy/topology.ts';
export { vendorWeights } from './models/mempolicy/vendor-weights.ts';
export { WEIGHT_HOMES, type WeightHome } from './models/mempolicy/weight-home.ts';
export {
  parseWeights,
  type Weights,
  type WeightVectors,
  weightsText,
} from './models/mempolicy/weights.ts';
export { topologyOf } from './models/topology-of.ts';
export { reportHtml } from './reports/report.ts';
export type { CacheGeometry } from './traces/cache-filter.ts';
export { type CacheTally, cacheTally } from './traces/cache-tally.ts';
export { type CacheUse, cacheUse } from './traces/cache-use.ts';
export {
  type CachegrindEvents,
  cachegrindEvents,
  cachegrindTrace,
} from './traces/cachegrind.ts';
export type { Demand } from './traces/demand.ts';
export { writeDemand } from './traces/demand-file.ts';
export { demandOfArrow } from './traces/demand-of-arrow.ts';
export { demandOfTrace } from './traces/demand-of-trace.ts';
export { filterTrace } from './traces/filter-trace.ts';
export { importTrace } from './traces/import-trace.ts';
export { importTraces } from './traces/import-traces.ts';
export type { Imported, Importer, ImportOptions, ImportTally } from './traces/importer.ts';
export { mergeTraces } from './traces/merge-traces.ts';
export { procMaps } from './traces/proc-maps.ts';
export { readTrace } from './traces/read-trace.ts';
export { prepareQemu, type QemuRecording } from './traces/record-with-qemu.ts';
export { recordWithValgrind } from './traces/record-with-valgrind.ts';
export type { Recorded, RecordingTally } from './traces/recording-tally.ts';
export { type Sampling, sampleTrace } from './traces/sample-trace.ts';
export { synthGups } from './traces/synth/gups.ts';
export { synthHashJoin } from './traces/synth/hash-join.ts';
export { synthMatmul } from './traces/synth/matmul.ts';
export { synthMix } from './traces/synth/mix.ts';
export { type MlcMix, synthMlc } from './traces/synth/mlc.ts';
export { synthPhases } from './traces/synth/phases.ts';
export { synthPointerChase } from './traces/synth/pointer-chase.ts';
export { synthRandom } from './traces/synth/random.ts';
export { type StreamKernel, synthStream } from './traces/synth/stream.ts';
export { synthStrided } from './traces/synth/strided.ts';
export type { SynthTrace } from './traces/synth/synth-trace.ts';
export { synthZipf } from './traces/synth/zipf.ts';
export type { Trace, TraceBatch, TraceMetadata } from './traces/trace.ts';
export { infoOfDemand, infoOfTrace, type TraceInfo } from './traces/trace-info.ts';
export { writeTrace } from './traces/write-trace.ts';
