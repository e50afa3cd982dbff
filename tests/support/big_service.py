"""A `serverless.yml` as large organisations have it: thousands of lines, most of them in a hundred included files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.support.bench import write_files

if TYPE_CHECKING:
    from pathlib import Path

_FUNCTION = """\
{name}:
  handler: src/{name}.handler
  description: Answers for {name} in ${{self:custom.names.${{sls:stage}}}}
  memorySize: ${{self:custom.memory, 512}}
  timeout: 30
  environment:
    TABLE: ${{self:service}}-${{sls:stage}}-{name}
    QUEUE: !Sub 'https://sqs.${{AWS::Region}}.example/{name}'
    LEVEL: ${{env:LEVEL, 'info'}}
  events:
    - http: {{path: /{name}, method: get, cors: true}}
    - sqs: {{arn: !GetAtt Queue{number}.Arn, batchSize: 10}}
"""
_RESOURCE = """\
    Queue{number}:
      Type: AWS::SQS::Queue
      Properties:
        QueueName: ${{self:service}}-${{sls:stage}}-{number}
        VisibilityTimeout: 180
        RedrivePolicy: {{maxReceiveCount: 3, deadLetterTargetArn: !GetAtt Dead.Arn}}
"""


def write_big_service(root: Path, *, files: int = 100, functions_each: int = 4) -> int:
    """Write it, and return how many lines it has."""
    numbers = [range(file * functions_each, (file + 1) * functions_each) for file in range(files)]
    parts = {
        f"functions/part{file}.yml": "".join(_FUNCTION.format(name=f"f{number}", number=number) for number in group)
        for file, group in enumerate(numbers)
    }
    included = "".join(f"  - ${{file(./functions/part{file}.yml)}}\n" for file in range(files))
    resources = "".join(_RESOURCE.format(number=number) for group in numbers for number in group)
    main = (
        "service: shop\nprovider: {name: aws, runtime: python3.13, stage: dev}\npackage: {individually: true}\n"
        "custom:\n  memory: 256\n  names: {dev: Development}\n"
        f"functions:\n{included}resources:\n  Resources:\n{resources}"
    )
    write_files(root, {"serverless.yml": main, **parts})
    return sum(text.count("\n") for text in (main, *parts.values()))
