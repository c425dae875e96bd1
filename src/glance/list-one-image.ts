/**
 * The most harmless question to Glance: a list of at most one image. It shows that Glance is there, takes the token, and
 * reaches its database.
 */
import { parseJsonObject } from '../http/json.ts';
import type { AskOptions } from '../keystone/ask.ts';
import { errorOfAnswer, notGlance } from './answer-errors.ts';
import { askGlance } from './ask-glance.ts';

const WHAT = 'list the images of Glance';

/**
 * Asks it.
 *
 * @throws AuthError; RemoteError; ConfigError CONFIG_ENDPOINT where what answers is not Glance, and those of the login
 */
export function listOneImage(options: AskOptions, signal: AbortSignal): Promise<void> {
  const read = async (answer: Parameters<typeof errorOfAnswer>[0]): Promise<void> => {
    const { response, access } = answer;
    const { status } = response;
    if (status === 404 || status === 410) {
      response.discard();
      throw notGlance(access.imageEndpoint, { what: WHAT, status });
    }
    if (status !== 200) throw await errorOfAnswer(answer, WHAT);
    const page = parseJsonObject(await response.text(), WHAT);
    if (!Array.isArray(page['images'])) {
      throw notGlance(access.imageEndpoint, { what: WHAT, status });
    }
  };
  return askGlance(options, { path: '/images?limit=1', read }, signal);
}
