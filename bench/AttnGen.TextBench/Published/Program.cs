using AttnGen.TextBench;

// The files lie beside the program, as a program's files do.
string Beside(string name) => Path.Combine(AppContext.BaseDirectory, name);
var sources = new Sources(Beside("all-MiniLM-L6-v2"), Beside("model.onnx"), Beside("vocab.txt"), null);
#if ONLY_attngen
FirstVector.Say(new AttnGenContender(sources));
#elif ONLY_onnx_ml
FirstVector.Say(new OnnxRuntimeContender(sources.Onnx!, new MicrosoftMlTokens(sources.Vocabulary!)));
#elif ONLY_onnx_fast
FirstVector.Say(new OnnxRuntimeContender(sources.Onnx!, new FastBertTokens(sources.Vocabulary!)));
#elif ONLY_minilm
FirstVector.Say(new SentenceTransformersContender());
#elif ONLY_allminilm
FirstVector.Say(new AllMiniLmContender(sources, oneThread: false));
#endif
