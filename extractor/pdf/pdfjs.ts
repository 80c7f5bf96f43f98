// The only door to pdf.js: a bare import keeps its place before the others.
import './builtins.ts'
import {
  AnnotationMode,
  getDocument,
  ImageKind,
  OPS,
  type PDFDocumentProxy,
  type PDFPageProxy,
} from 'pdfjs-dist/legacy/build/pdf.mjs'
import { restoreBuiltins } from './builtins.ts'

restoreBuiltins()

export { AnnotationMode, getDocument, ImageKind, OPS, type PDFDocumentProxy, type PDFPageProxy }
