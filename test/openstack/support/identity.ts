import { callForJson, callOrThrow } from './rest.ts';
import type { StackInfo } from './stack-info.ts';
import { issueToken } from './token.ts';
import type { TotpSecret } from './totp.ts';

/** What Keystone says of a token. */
interface TokenFacts {
  readonly user: { readonly id: string };
  readonly project?: { readonly id: string };
}

/** An application credential, as it is handed out once. */
export interface ApplicationCredential {
  readonly id: string;
  readonly name: string;
  readonly secret: string;
}

/** A user of the domain `default`. */
export interface NewUser {
  readonly id: string;
  readonly name: string;
  readonly password: string;
}

/** URLs of Glance, by interface. */
export type EndpointUrls = Readonly<Record<'public' | 'internal' | 'admin', string>>;

/** Keystone's API as its admin uses it, for what the seed does not make. */
export class IdentityAdmin {
  /** Admin's token for the project admin. */
  readonly token: string;
  readonly userId: string;
  readonly projectId: string;
  private readonly url: string;

  private constructor(url: string, token: string, { user, project }: TokenFacts) {
    this.url = url;
    this.token = token;
    this.userId = user.id;
    this.projectId = project?.id ?? '';
  }

  /** Signs in. */
  static async connect({ keystoneUrl, accounts }: StackInfo): Promise<IdentityAdmin> {
    const token = await issueToken(keystoneUrl, accounts.admin);
    const facts = await callForJson<{ token: TokenFacts }>(`${keystoneUrl}/auth/tokens`, {
      token,
      headers: { 'x-subject-token': token },
    });
    return new IdentityAdmin(keystoneUrl, token, facts.token);
  }

  /** Makes an application credential of admin for its project. */
  async createApplicationCredential(name: string): Promise<ApplicationCredential> {
    const made = await this.post<{ application_credential: ApplicationCredential }>(
      `/users/${this.userId}/application_credentials`,
      { application_credential: { name } },
    );
    return made.application_credential;
  }

  /** Makes a user who is an admin of the project admin. */
  async createUser(name: string, password: string): Promise<NewUser> {
    const { user } = await this.post<{ user: { id: string } }>('/users', {
      user: { name, password, domain_id: 'default' },
    });
    await this.must('PUT', `/projects/${this.projectId}/users/${user.id}/roles/${await this.adminRole()}`);
    return { id: user.id, name, password };
  }

  /** Says which methods a user has to log in with: all of one of the lists. */
  async setFactors({ id }: NewUser, rules: readonly (readonly string[])[]): Promise<void> {
    const options = { multi_factor_auth_enabled: true, multi_factor_auth_rules: rules };
    await this.must('PATCH', `/users/${id}`, { user: { options } });
  }

  /** Gives a user an authenticator app. */
  async addTotp({ id }: NewUser, secret: TotpSecret): Promise<void> {
    await this.must('POST', '/credentials', { credential: { type: 'totp', blob: secret.base32, user_id: id } });
  }

  /** Lets admin log in to the domain `default` as well; the bootstrap lets it log in to the system. */
  async grantDomain(): Promise<void> {
    await this.must('PUT', `/domains/default/users/${this.userId}/roles/${await this.adminRole()}`);
  }

  /** Adds a region with endpoints of Glance to the catalog, and takes it out again. */
  async withRegion<T>(region: string, urls: EndpointUrls, work: () => Promise<T>): Promise<T> {
    const { services } = await callForJson<{ services: { id: string }[] }>(`${this.url}/services?type=image`, {
      token: this.token,
    });
    await this.must('PUT', `/regions/${region}`, { region: {} });
    const made: string[] = [`/regions/${region}`];
    try {
      for (const [face, url] of Object.entries(urls)) {
        const endpoint = { interface: face, url, region_id: region, service_id: services[0]?.id };
        made.unshift(
          `/endpoints/${(await this.post<{ endpoint: { id: string } }>('/endpoints', { endpoint })).endpoint.id}`,
        );
      }
      return await work();
    } finally {
      for (const path of made) await this.must('DELETE', path);
    }
  }

  private async adminRole(): Promise<string> {
    const { roles } = await callForJson<{ roles: { id: string }[] }>(`${this.url}/roles?name=admin`, {
      token: this.token,
    });
    return roles[0]?.id ?? '';
  }

  private async post<T>(path: string, json: unknown): Promise<T> {
    return callForJson<T>(`${this.url}${path}`, { method: 'POST', token: this.token, json });
  }

  private async must(method: string, path: string, json?: unknown): Promise<void> {
    await callOrThrow(`${this.url}${path}`, { method, token: this.token, json });
  }
}
