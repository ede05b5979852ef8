import { expect, it } from 'vitest';
import { ApiError } from './client';
import { isUnset } from './gateway';

it('no gateway’s file is told apart from one that cannot be read', () => {
  const none = 'No gateway file is set; set MUSTER_GATEWAY_CONFIG to the gateway’s openclaw.json and restart';
  expect(isUnset(new ApiError(none, 409))).toBe(true);
  expect(isUnset(new ApiError('openclaw.json is not there; set MUSTER_GATEWAY_CONFIG to the file', 409))).toBe(false);
  expect(isUnset(new ApiError('openclaw.json, line 2, column 3', 422))).toBe(false);
  expect(isUnset(null)).toBe(false);
});
