import { DETECTOR_FILE, type Precision } from '@edgeguard/contracts';
import type { ModelDescription } from '@edgeguard/tflite/metadata';

/** What the file says about itself to model viewers, by the TensorFlow Lite Metadata convention. */
export function modelDescription(precision: Precision): Partial<ModelDescription> {
  return {
    name: 'EdgeGuard detector',
    description: `Anomaly score of network traffic by a ${precision} autoencoder. Thresholds and schema: ${DETECTOR_FILE}.`,
    associatedFiles: [DETECTOR_FILE],
    inputs: [{ name: 'features', description: `Raw features in the order of the schema in ${DETECTOR_FILE}.` }],
    outputs: [
      { name: 'score', description: 'Anomaly score: the sum of feature_error.' },
      { name: 'expected', description: 'Reconstruction in the units of the features.' },
      { name: 'feature_error', description: 'What each feature adds to the score.' },
    ],
  };
}
