/** How servers are verified, and how this program identifies itself to them. Contents, not paths: whoever reads the
 * files may have had rights that the run gives up. */
export interface TlsSettings {
  /** Certificates of the authorities to trust, in PEM; those of the system when undefined. */
  readonly ca: string | undefined;
  /** This client's certificate, in PEM. */
  readonly cert: string | undefined;
  /** The key of that certificate, in PEM. */
  readonly key: string | undefined;
  /** Whether any certificate will do. */
  readonly insecure: boolean;
}
