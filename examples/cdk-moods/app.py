"""The app: two functions, one that `slspack.yml` declares, and one that the stack itself does."""

from pathlib import Path

import aws_cdk
from aws_cdk import aws_lambda
from constructs import Construct
from slspack.cdk import SlspackCode, SlspackFunction

HERE = Path(__file__).parent


class Moods(aws_cdk.Stack):
    def __init__(self, scope: Construct, name: str) -> None:
        super().__init__(scope, name)
        mood = SlspackFunction(
            self,
            "Mood",
            entry=str(HERE / "functions/mood"),
            index="mood.py",
            runtime=aws_lambda.Runtime.PYTHON_3_13,
            architecture=aws_lambda.Architecture.ARM_64,
            environment={"DEFAULT_MOOD": "calm"},
        )
        aws_lambda.Function(
            self,
            "Diary",
            code=SlspackCode.function("diary", str(HERE)),
            handler="functions/diary.handler",
            runtime=aws_lambda.Runtime.PYTHON_3_13,
            environment={"MOOD_FUNCTION": mood.function_name},
        )


app = aws_cdk.App()
Moods(app, "Moods")
app.synth()
