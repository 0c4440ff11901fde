"""A plugin for buf that runs the generator inside grpcio-tools, which is none by itself."""
import subprocess
import sys
import tempfile
from pathlib import Path

from google.protobuf.compiler.plugin_pb2 import CodeGeneratorRequest, CodeGeneratorResponse
from google.protobuf.descriptor_pb2 import FileDescriptorSet

request = CodeGeneratorRequest.FromString(sys.stdin.buffer.read())
response = CodeGeneratorResponse(supported_features=CodeGeneratorResponse.FEATURE_PROTO3_OPTIONAL)
with tempfile.TemporaryDirectory() as folder:
    descriptors, out = Path(folder, "descriptors.binpb"), Path(folder, "out")
    out.mkdir()
    descriptors.write_bytes(FileDescriptorSet(file=request.proto_file).SerializeToString())
    flags = [f"--descriptor_set_in={descriptors}", f"--grpc_python_out={out}"]
    subprocess.run([sys.executable, "-m", "grpc_tools.protoc", *flags, *request.file_to_generate], check=True)
    for path in sorted(out.rglob("*.py")):
        response.file.add(name=path.relative_to(out).as_posix(), content=path.read_text())
sys.stdout.buffer.write(response.SerializeToString())
