import { expect, it } from 'vitest';
import { ApiError } from './client';
import { isUnreadable } from './gateway';

it('a gateway’s file that cannot be read is told apart from none', () => {
  const none = 'no gateway file is set; set MUSTER_GATEWAY_CONFIG to the gateway’s openclaw.json and restart';
  expect(isUnreadable(new ApiError(none, 409))).toBe(false);
  expect(isUnreadable(new ApiError('No gateway file is set', 409))).toBe(false);
  expect(isUnreadable(new ApiError('openclaw.json is not there', 409))).toBe(true);
  expect(isUnreadable(new ApiError('openclaw.json, line 2, column 3', 422))).toBe(true);
  expect(isUnreadable(new ApiError('not for this org', 403))).toBe(false);
  expect(isUnreadable(null)).toBe(false);
});
