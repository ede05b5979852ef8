import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

// `npm run dev` serves the console with hot reload and passes API calls on to a running server.
const server = process.env['MUSTER_URL'] ?? 'http://127.0.0.1:7717';

export default defineConfig({
  base: '/ui/',
  plugins: [react()],
  build: {
    outDir: 'dist',
    // The content security policy allows neither data: fonts nor inlined scripts, so nothing is inlined.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 400,
  },
  test: { include: ['src/**/*.test.ts'] },
  server: {
    proxy: {
      '/api': { target: server, changeOrigin: true, headers: { origin: server } },
      '/v1': { target: server, changeOrigin: true, headers: { origin: server } },
      '/network': { target: server, changeOrigin: true, headers: { origin: server } },
    },
  },
});
