/** Families of the attacks of KDDTrain+, with the published numbers of rows that each family has in KDDTest+. */
const FAMILIES = [
  { rows: 7458, attacks: ['neptune', 'smurf', 'back', 'teardrop', 'pod', 'land'] },
  { rows: 2421, attacks: ['satan', 'ipsweep', 'portsweep', 'nmap'] },
  {
    rows: 2754,
    attacks: ['warezclient', 'guess_passwd', 'warezmaster', 'imap', 'ftp_write', 'multihop', 'phf', 'spy'],
  },
  { rows: 200, attacks: ['buffer_overflow', 'rootkit', 'loadmodule', 'perl'] },
];

/**
 * ROC-AUC and detection with every attack name of a family counting alike, and families as in KDDTest+: pooled figures of
 * KDDTrain+ are two thirds `neptune`.
 *
 * @param each figures by attack name
 * @returns undefined where the attacks are not those of NSL-KDD
 */
export function familyWeighted(each) {
  let auc = 0;
  let detection = 0;
  let total = 0;
  for (const { rows, attacks } of FAMILIES) {
    const figures = attacks.flatMap((name) => each.get(name) ?? []);
    if (figures.length === 0) return undefined;
    total += rows;
    for (const figure of figures) {
      auc += (figure.auc * rows) / figures.length;
      detection += (figure.detection * rows) / figures.length;
    }
  }
  return { auc: auc / total, detection: detection / total };
}
