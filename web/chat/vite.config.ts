/** Builds the citizens' chat page into static files that need no request but to their own server. */
import { defineConfig } from 'vite'

export default defineConfig({
  root: import.meta.dirname,
  base: './',
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    // WebViews of phones that are six years old; the page's tsconfig keeps to the library of that year.
    target: ['es2020', 'chrome87', 'safari14'],
    // Everything is a file of our own, so that the strict Content-Security-Policy holds.
    assetsInlineLimit: 0,
    modulePreload: false,
    reportCompressedSize: false,
  },
})
