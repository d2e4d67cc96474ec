using AttnGen;

namespace Chat;

/// <summary>The language model of the folder that the project file names.</summary>
[TransformerModel("chat-model")]
internal sealed partial class ChatModel;
